/** A ComfyUI server without a GPU, held to recordings of real ones, with faults to order. */
@NullMarked
package io.tollgate.comfyui.sim;

import org.jspecify.annotations.NullMarked;
