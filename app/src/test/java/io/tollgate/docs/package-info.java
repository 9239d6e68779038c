/** The programs in the guide, which are run as tests. */
@NullMarked
package io.tollgate.docs;

import org.jspecify.annotations.NullMarked;
