/** Tests of the HTTP API, each by real calls. */
@org.jspecify.annotations.NullMarked
package io.tollgate.http;
