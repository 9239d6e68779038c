/** Tests of the arithmetic of the ComfyUI benchmarks. */
@NullMarked
package io.tollgate.bench.comfyui;

import org.jspecify.annotations.NullMarked;
