// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Routes for flows through the stream switches: congestion-aware shortest paths ("pathfinder"),
// with exactly the vendor's choices, so that switch settings come out the same.
#pragma once

#include "device/ports.h"
#include "lower/model.h"

namespace ashlar::lower {

/// A switch setting on the way: in tile `tile`, slave port `in` feeds master port `out`. Shim tiles
/// have their DMA here as a port; the multiplexer comes in between later.
struct Hop {
  TileId tile;
  Port in, out;
  auto operator<=>(const Hop &) const = default;
};
struct RouteRequest {
  bool packet = false, priority = false;
  PortAt source;
  std::vector<PortAt> dests;
  int group = -1; ///< packet flows that share links share a group; circuits -1
  Place place;
  std::string what; ///< the object FIFO, for messages
  std::string str() const;
};
struct Routes {
  /// One entry a request, in the order of the requests after grouping.
  std::vector<RouteRequest> requests;
  std::vector<std::vector<Hop>> hops; ///< from each destination backwards, as found
};

/// Connections that hand-written switches already use.
using Taken = std::vector<Hop>;

/// Errors: `unroutable`, with the congested ports and who competes for them.
Result<Routes> findRoutes(int columns, const std::vector<PacketFlow> &packets,
                          const std::vector<Flow> &circuits, const Taken &taken);

/// Takes out the flows that hand-written switches already carry to their end (a design that was
/// routed before keeps them beside its switches).
void dropServedFlows(Model &model); // walk.cpp

/// Follows every flow through the plan's switches; errors: `unroutable`.
void walkFlows(Model &model, const plan::Plan &plan); // walk.cpp

/// Whether the crossbar of `tile` can join the ports; shim DMA ports count as joined.
bool legalConnection(int columns, TileId tile, Port in, Port out);
/// The port as a switch knows it; nothing for ports behind the shim's multiplexer.
std::optional<device::SwitchPort> switchPort(Port port);
/// Number of slave (`in`) or master ports of a bundle.
int portCount(int columns, TileId tile, plan::Bundle bundle, bool slave);

} // namespace ashlar::lower
