/** What tests of all modules use. */
@NullMarked
package io.tollgate.credits.test;

import org.jspecify.annotations.NullMarked;
