package io.tollgate.queue.job;

/**
 * What is wrong with one field of one node of a graph.
 *
 * @param field the node's input, or an empty text if it is the node itself
 * @param reason what is wrong, for people
 */
public record NodeProblem(String field, String reason) {}
