/** Tests of the catalogue and of checking inputs. */
@NullMarked
package io.tollgate.queue.workflow;

import org.jspecify.annotations.NullMarked;
