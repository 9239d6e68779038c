/** What the operator decides: one file, the environment, and what holds without either. */
@NullMarked
package io.tollgate.app.config;

import org.jspecify.annotations.NullMarked;
