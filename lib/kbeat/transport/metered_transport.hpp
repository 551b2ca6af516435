// A transport that counts what passes through it.
#pragma once

#include <memory>

#include "kbeat/metrics/families.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::transport {

/// Everything goes to `inner`; records sent and read are counted in `families`. Both outlive it.
[[nodiscard]] std::unique_ptr<Transport> make_metered_transport(Transport& inner,
                                                                metrics::Families& families);

}  // namespace kbeat::transport
