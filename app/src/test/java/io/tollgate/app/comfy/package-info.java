/** ComfyUI servers that fail at random while Tollgate is killed at random: what is still true afterwards. */
@NullMarked
package io.tollgate.app.comfy;

import org.jspecify.annotations.NullMarked;
