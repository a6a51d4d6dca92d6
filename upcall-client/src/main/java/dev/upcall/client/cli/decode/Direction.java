package dev.upcall.client.cli.decode;

/// Which way bytes went.
public enum Direction {
    TO_GUEST("H->G"),
    FROM_GUEST("G->H"),
    /// A bare line does not say; the bytes are asked.
    UNSAID("");

    private final String sign;

    Direction(String sign) {
        this.sign = sign;
    }

    /// As it is written in traces.
    public String sign() {
        return sign;
    }
}
