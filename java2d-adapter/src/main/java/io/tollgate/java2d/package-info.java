/** The embedded renderer: a backend that makes pictures and short videos in this process, and media processors. */
@NullMarked
package io.tollgate.java2d;

import org.jspecify.annotations.NullMarked;
