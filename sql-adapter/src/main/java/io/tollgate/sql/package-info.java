/** The stores on SQL databases: opening and guarding the database, migrations, shared commits, errors and backups. */
@NullMarked
package io.tollgate.sql;

import org.jspecify.annotations.NullMarked;
