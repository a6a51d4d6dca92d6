package dev.upcall.proto.extension;

/// A reply without a load: the guest did not even begin. The first failed check wins and has no side effect
/// (§6).
///
/// @param type of the request
/// @param result negative; `ExtensionErrno` has the ones of the extensions
public record Refusal(ExtensionType type, int result) implements ExtensionReply {

    public Refusal {
        if (type.isNotification()) {
            throw new IllegalArgumentException(type + " is a notification and is never answered");
        }
        if (result >= 0) {
            throw new IllegalArgumentException("a refusal's result must be negative: " + result);
        }
    }
}
