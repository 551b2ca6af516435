// Values whose schema is in a registry, for what prints, filters and sends.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "command.hpp"
#include "kbeat/model/record.hpp"
#include "kbeat/schema/registry_codec.hpp"

namespace kbeat::app {

/// The registry of the settings; nothing when none is named there.
[[nodiscard]] std::shared_ptr<schema::RegistryCodec> registry_codec(const Context& context);

/// As above. Throws Error{usage} when none is named and `flag` needs one.
[[nodiscard]] std::shared_ptr<schema::RegistryCodec> registry_codec_for(const char* flag,
                                                                        const Context& context);

/// Shows framed values as JSON. For one thread; copies share the codec.
class ValueDecoder {
 public:
  /// Without a codec every record stays as it is.
  explicit ValueDecoder(std::shared_ptr<schema::RegistryCodec> codec) : m_codec(std::move(codec)) {}

  /// Valid until the next call. A value that its schema does not describe stays as it is, said once for each
  /// reason. Throws a retryable Error when the registry is away.
  [[nodiscard]] const RecordView& operator()(const RecordView& record);

 private:
  std::shared_ptr<schema::RegistryCodec> m_codec;
  RecordView m_view;
  std::string m_value;
  std::set<std::string> m_told;
};

}  // namespace kbeat::app
