/// What a guest has, asked for page by page: the oracle of `upcall-wire` 5.7 (§4).
///
/// | side   | part                | what it does                                                              |
/// |--------|---------------------|---------------------------------------------------------------------------|
/// | guest  | [InventoryPager]    | inventory and token → page; no entry is cut, nothing kept between pages   |
/// | client | [InventoryWalk]     | page → next request, or the whole [Inventory], or why there is none       |
/// | client | [Inventory#settles] | may a lost plain request be read from it?                                 |
/// | client | [LostRequest]       | is the guest as a lost request wanted it?                                 |
///
/// 1. Order over all pages: CPUs (first page only), connections by client epoch, mmio by base, pci by bus and devfn.
/// 2. The guest epoch is equal on all pages; a new generation restarts the walk, at most 8 times.
/// 3. A lost plain request is settled only when nothing runs and the client's old connection is gone.
///
/// Imports: `extension`, `message`, `wire`. Start reading at [Inventory].
@NullMarked
package dev.upcall.proto.extension.inventory;

import org.jspecify.annotations.NullMarked;
