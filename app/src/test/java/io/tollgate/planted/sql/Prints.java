package io.tollgate.planted.sql;

import java.io.FileDescriptor;

final class Prints {
    FileDescriptor print(Exception e) {
        System.out.println("a fault, on purpose");
        System.err.println("another");
        e.printStackTrace();
        return FileDescriptor.out;
    }
}
