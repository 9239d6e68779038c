/** The command line: shared options, what is printed and how, exit codes. */
@NullMarked
package io.tollgate.app.cli;

import org.jspecify.annotations.NullMarked;
