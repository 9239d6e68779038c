/** The HTTP API: routes, authentication, documents and event streams on Jetty. */
@org.jspecify.annotations.NullMarked
package io.tollgate.http;
