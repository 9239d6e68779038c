package io.tollgate.comfyui.sim;

/** A place at which a fault can be ordered. */
public enum Route {
    /** POST /prompt. */
    SUBMIT,
    /** GET /queue and GET /prompt. */
    QUEUE,
    /** POST /queue: delete or clear. */
    QUEUE_EDIT,
    /** GET /history and GET /history/{id}. */
    HISTORY,
    /** POST /history. */
    HISTORY_EDIT,
    /** POST /interrupt. */
    INTERRUPT,
    /** POST /api/jobs/{id}/cancel and its batch form. */
    CANCEL,
    /** GET /api/jobs and GET /api/jobs/{id}. */
    JOBS,
    /** POST /upload/image and /upload/mask. */
    UPLOAD,
    /** GET /view. */
    VIEW,
    /** GET /system_stats, /features and /object_info. */
    ABOUT,
    /** The opening of a websocket. */
    SOCKET,
    /** Any other HTTP call. */
    OTHER,
    /** A node of a prompt, just before it is run. */
    NODE,
    /** A frame to one socket. */
    FRAME;

    boolean isHttp() {
        return this != NODE && this != FRAME;
    }
}
