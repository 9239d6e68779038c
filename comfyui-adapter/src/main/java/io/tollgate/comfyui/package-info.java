/** ComfyUI servers as backends: their protocol, their workflows, and what they make. */
@NullMarked
package io.tollgate.comfyui;

import org.jspecify.annotations.NullMarked;
