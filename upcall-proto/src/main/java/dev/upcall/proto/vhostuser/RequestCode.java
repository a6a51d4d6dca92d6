package dev.upcall.proto.vhostuser;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What a front-end may ask for, under the names of the vhost-user specification. Only those we know to
/// be sent to a back-end that offers what we offer, and those whose name makes a refusal clearer.
public enum RequestCode {
    GET_FEATURES(1),
    SET_FEATURES(2),
    SET_OWNER(3),
    RESET_OWNER(4),
    SET_MEM_TABLE(5),
    SET_LOG_BASE(6),
    SET_LOG_FD(7),
    SET_VRING_NUM(8),
    SET_VRING_ADDR(9),
    SET_VRING_BASE(10),
    GET_VRING_BASE(11),
    SET_VRING_KICK(12),
    SET_VRING_CALL(13),
    SET_VRING_ERR(14),
    GET_PROTOCOL_FEATURES(15),
    SET_PROTOCOL_FEATURES(16),
    GET_QUEUE_NUM(17),
    SET_VRING_ENABLE(18),
    SEND_RARP(19),
    NET_SET_MTU(20),
    SET_BACKEND_REQ_FD(21),
    GET_CONFIG(24),
    SET_CONFIG(25),
    GET_INFLIGHT_FD(31),
    SET_INFLIGHT_FD(32),
    RESET_DEVICE(34);

    private static final Map<Integer, RequestCode> BY_CODE = new HashMap<>();

    static {
        for (RequestCode request : values()) {
            BY_CODE.put(request.code, request);
        }
    }

    private final int code;

    RequestCode(int code) {
        this.code = code;
    }

    /// The number on the wire.
    public int code() {
        return code;
    }

    public static Optional<RequestCode> of(int code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }

    /// The name where there is one, else the number.
    static String nameOf(int code) {
        return of(code).map(RequestCode::name).orElse("request " + Integer.toUnsignedString(code));
    }
}
