/** Tests of the program, and of the layout of the whole house. */
@NullMarked
package io.tollgate.app;

import org.jspecify.annotations.NullMarked;
