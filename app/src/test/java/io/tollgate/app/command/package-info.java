/** Tests of the commands. */
@NullMarked
package io.tollgate.app.command;

import org.jspecify.annotations.NullMarked;
