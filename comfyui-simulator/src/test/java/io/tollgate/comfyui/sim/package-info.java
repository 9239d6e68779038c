/** Tests of the simulator, first of all the replay of recordings of real servers. */
@NullMarked
package io.tollgate.comfyui.sim;

import org.jspecify.annotations.NullMarked;
