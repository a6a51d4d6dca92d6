package dev.upcall.proto.extension;

/// Asks for a page of what the guest has (§4).
///
/// @param token empty for the first page, else the last page's; at most 32 bytes
public record InventoryRequest(Bytes token) implements ExtensionRequest {

    public static final int TOKEN_BYTES_MAX = 32;

    public static final InventoryRequest FIRST = new InventoryRequest(Bytes.EMPTY);

    public InventoryRequest {
        Bounds.requireSize("token", token.size(), TOKEN_BYTES_MAX);
    }

    @Override
    public ExtensionType type() {
        return ExtensionType.INVENTORY;
    }
}
