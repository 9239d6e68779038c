/** What Tollgate adds between the jobs of ComfyUI servers, measured on simulated ones. */
@NullMarked
package io.tollgate.bench.comfyui;

import org.jspecify.annotations.NullMarked;
