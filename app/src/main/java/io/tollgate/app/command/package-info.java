/** The commands of the program, in-process on a data directory. */
@NullMarked
package io.tollgate.app.command;

import org.jspecify.annotations.NullMarked;
