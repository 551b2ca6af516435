// librdkafka's properties as users name them: in files, on the command line, and by settings.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kbeat/config/setting_table.hpp"

namespace kbeat::config {

using Properties = std::vector<std::pair<std::string, std::string>>;

/// True for passwords, client secrets and private keys given as text.
[[nodiscard]] bool is_secret_property(std::string_view name);

/// `-X NAME=VALUE`. Throws Error{usage}; a secret is refused, since other users see command lines.
[[nodiscard]] std::pair<std::string, std::string> parse_property_flag(const std::string& text);

/// A file of `name=value` lines with # comments. Throws Error{configuration} naming file and line.
[[nodiscard]] Properties read_property_file(const std::filesystem::path& path);

/// The properties that the security settings stand for. A user name alone means SASL_PLAINTEXT with PLAIN
/// (SASL_SSL with certificates), which is warned about unless all `brokers` are on the loopback interface.
[[nodiscard]] Properties security_properties(const KafkaInputs& inputs,
                                             const std::vector<std::string>& brokers,
                                             std::vector<std::string>& warnings);

/// A file's one secret, without the line breaks at its end; warns when others may read it. `what` names the
/// setting. Throws Error{configuration} when it cannot be read.
[[nodiscard]] std::string read_secret_file(const std::string& path, const std::string& what,
                                           std::vector<std::string>& warnings);

/// A warning when others may read a file that holds a secret; empty otherwise.
[[nodiscard]] std::string permission_warning(const std::filesystem::path& path);

}  // namespace kbeat::config
