// Where dlq commands find their letters: the DLQ topics that exist, and the store's outbox.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cmd_dlq.hpp"
#include "kbeat/dlq/dlq_view.hpp"
#include "kbeat/store/store.hpp"

namespace kbeat::app {

/// `read`: the store where there is one; `write`: it is made when it is missing.
enum class StoreAccess { read, write };

/// Owns the store, and the transport that it opened itself.
class DlqPlace {
 public:
  DlqPlace(const Context& context, StoreAccess access);
  /// Over a transport that somebody else owns and outlives it.
  DlqPlace(transport::Transport& transport, const Context& context, StoreAccess access);

  /// Valid as long as the place.
  [[nodiscard]] const dlq::DlqSource& source() const { return *m_source; }
  [[nodiscard]] Milliseconds timeout() const { return m_timeout; }
  /// `chosen`, or those of the house's two that exist or have letters archived or pending. Throws
  /// Error{not_found} naming what is missing.
  [[nodiscard]] std::vector<TopicName> topics(const std::string& chosen) const;

 private:
  void open(const Context& context, StoreAccess access);
  [[nodiscard]] bool exists(const TopicName& topic) const;

  std::unique_ptr<transport::Transport> m_own;
  transport::Transport& m_transport;
  std::unique_ptr<store::Store> m_store;
  Milliseconds m_timeout;
  std::optional<dlq::DlqSource> m_source;
};

/// Throws Error{usage} for a state, category or time that is none.
[[nodiscard]] dlq::LetterQuery letter_query(const LetterFlags& flags, const Context& context);

}  // namespace kbeat::app
