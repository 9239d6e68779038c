package io.tollgate.http;
