package io.tollgate.sql;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** A connection whose statements fail as a test plans it, before or after the real one did its work. */
final class Faults {
    /** Decides about one execution. {@code number} counts all executions from 0. */
    interface Plan {
        Fault at(int number, String sql);
    }

    enum Fault {
        NONE,
        /** Not run, fails. */
        BEFORE,
        /** Run, and then it fails all the same. */
        AFTER,
        /** Not run, fails, and the transaction is gone, as SQLite does on FULL or IOERR. */
        ROLLED_BACK
    }

    private final Connection real;
    private final SQLiteErrorCode code;
    private final Plan plan;
    private int number;

    Faults(Connection real, SQLiteErrorCode code, Plan plan) {
        this.real = real;
        this.code = code;
        this.plan = plan;
    }

    int executions() {
        return number;
    }

    Connection connection() {
        return proxy(Connection.class, (method, arguments) -> {
            Object result = call(real, method, arguments);
            if (result instanceof PreparedStatement prepared) {
                return statement(PreparedStatement.class, prepared, (String) arguments[0]);
            }
            return result instanceof Statement statement ? statement(Statement.class, statement, "") : result;
        });
    }

    private <T extends Statement> T statement(Class<T> type, T statement, String sql) {
        return proxy(type, (method, arguments) -> {
            if (!method.getName().startsWith("execute")) {
                return call(statement, method, arguments);
            }
            String text = arguments != null && arguments.length > 0 ? (String) arguments[0] : sql;
            Fault fault = plan.at(number++, text);
            if (fault == Fault.ROLLED_BACK) {
                Dialect.SQLITE.rollback(real);
            }
            Object result = fault == Fault.NONE || fault == Fault.AFTER ? call(statement, method, arguments) : null;
            if (fault != Fault.NONE) {
                throw new SQLiteException("planned fault at " + text, code);
            }
            return result;
        });
    }

    private interface Calls {
        @Nullable Object call(Method method, Object[] arguments) throws Throwable;
    }

    private static <T> T proxy(Class<T> type, Calls calls) {
        return type.cast(Proxy.newProxyInstance(
                Faults.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> calls.call(method, arguments)));
    }

    private static @Nullable Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof SQLException sql ? sql : e;
        }
    }
}
