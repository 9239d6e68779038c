/** The catalogue: named recipes with typed inputs. */
@NullMarked
package io.tollgate.queue.workflow;

import org.jspecify.annotations.NullMarked;
