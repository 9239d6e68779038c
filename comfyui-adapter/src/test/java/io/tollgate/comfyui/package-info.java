/** Tests of the ComfyUI adapter. */
@NullMarked
package io.tollgate.comfyui;

import org.jspecify.annotations.NullMarked;
