// Protobuf by dynamic messages: the schema's text is parsed here, no generated code is needed.
#include <fmt/format.h>
#include <google/protobuf/any.pb.h>
#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/wrappers.pb.h>

#include "kbeat/base/base64.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/schema/protobuf_plugin.hpp"

namespace kbeat::schema {
namespace {

namespace pb = google::protobuf;

constexpr const char* k_root_file = "schema.proto";

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorCode::bad_input, why);
}

/// Keeps the first complaint of the parser.
class FirstError final : public pb::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text.empty()) text = fmt::format("line {}, column {}: {}", line + 1, column + 1, message);
  }
  std::string text;
};

class FirstPoolError final : public pb::DescriptorPool::ErrorCollector {
 public:
  void AddError(const std::string&, const std::string& element, const pb::Message*, ErrorLocation,
                const std::string& message) override {
    if (text.empty()) text = fmt::format("{}: {}", element, message);
  }
  std::string text;
};

/// Some clients register the compiled file in base64 instead of its text, and some registries give it back
/// as it came.
bool read_compiled(std::string_view text, pb::FileDescriptorProto& file) {
  const std::optional<std::string> bytes = decode_base64(text);
  return bytes && !bytes->empty() && file.ParseFromString(*bytes) && file.IsInitialized() &&
         (file.message_type_size() > 0 || file.enum_type_size() > 0 || file.dependency_size() > 0);
}

pb::FileDescriptorProto parse_file(const std::string& name, std::string_view text) {
  if (pb::FileDescriptorProto file; read_compiled(text, file)) {
    file.set_name(name);
    return file;
  }
  pb::io::ArrayInputStream input(text.data(), static_cast<int>(text.size()));
  FirstError error;
  pb::io::Tokenizer tokenizer(&input, &error);
  pb::compiler::Parser parser;
  parser.RecordErrorsTo(&error);
  pb::FileDescriptorProto file;
  if (!parser.Parse(&tokenizer, &file)) refuse(fmt::format("Protobuf schema {}: {}", name, error.text));
  file.set_name(name);
  return file;
}

/// Zigzag, as the registry's clients write the indexes of a message.
std::int64_t take_index(std::string_view& bytes) {
  std::uint64_t bits = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    if (bytes.empty()) break;
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    bits |= std::uint64_t{byte & 0x7Fu} << shift;
    if ((byte & 0x80u) == 0) return static_cast<std::int64_t>(bits >> 1 ^ (~(bits & 1) + 1));
  }
  refuse("the index of the Protobuf message is damaged");
}

void append_index(std::string& bytes, int index) {
  auto bits = static_cast<std::uint32_t>(index) << 1;  // zigzag of a number that is not negative
  for (; bits > 0x7F; bits >>= 7) bytes += static_cast<char>((bits & 0x7F) | 0x80);
  bytes += static_cast<char>(bits);
}

/// One zero byte is the short form of "the first message".
std::string indexes_of(const std::vector<int>& path) {
  std::string bytes;
  if (path == std::vector<int>{0}) return std::string(1, '\0');
  append_index(bytes, static_cast<int>(path.size()));
  for (const int index : path) append_index(bytes, index);
  return bytes;
}

class ProtobufCodec final : public Codec {
 public:
  ProtobufCodec(std::string_view schema, const std::vector<Imported>& imports)
      : m_pool(pb::DescriptorPool::generated_pool()) {
    for (const Imported& import : imports) add(import.name, import.text);
    m_file = add(k_root_file, schema);
    if (m_file->message_type_count() == 0) refuse("the Protobuf schema has no message");
  }

  std::string decode(std::string_view bytes) const override {
    const std::unique_ptr<pb::Message> message(m_factory.GetPrototype(message_at(bytes))->New());
    if (!message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
      refuse(fmt::format("the value is no {}", message->GetDescriptor()->full_name()));
    pb::util::JsonPrintOptions options;
    options.always_print_primitive_fields = true;
    options.preserve_proto_field_names = true;
    std::string json;
    const auto status = pb::util::MessageToJsonString(*message, &json, options);
    if (!status.ok()) refuse(fmt::format("the value is no JSON: {}", status.ToString()));
    return json;
  }

  std::string encode(std::string_view json, std::string_view name) const override {
    std::vector<int> path{0};
    if (!name.empty() && !find_path(name, path))
      refuse(fmt::format("the Protobuf schema has no message {}", escape_for_terminal(name, 80)));
    const std::unique_ptr<pb::Message> message(m_factory.GetPrototype(message_of(path))->New());
    const auto status = pb::util::JsonStringToMessage({json.data(), json.size()}, message.get());
    if (!status.ok())
      refuse(fmt::format("the value does not fit its Protobuf schema: {}", status.ToString()));
    std::string bytes = indexes_of(path);
    if (!message->AppendToString(&bytes)) refuse("the value lacks a field that its Protobuf schema requires");
    return bytes;
  }

 private:
  const pb::FileDescriptor* add(const std::string& name, std::string_view text) {
    FirstPoolError error;
    const pb::FileDescriptor* file = m_pool.BuildFileCollectingErrors(parse_file(name, text), &error);
    if (file == nullptr) refuse(fmt::format("Protobuf schema {}: {}", name, error.text));
    return file;
  }

  /// By its full name, or the part of it that comes after the package.
  bool find_path(std::string_view name, std::vector<int>& path) const {
    path.clear();
    const pb::Descriptor* found = nullptr;
    for (const std::string& full : {std::string(name), m_file->package() + "." + std::string(name)}) {
      if (found == nullptr) found = m_pool.FindMessageTypeByName(full);
    }
    if (found == nullptr || found->file() != m_file) return false;
    for (; found != nullptr; found = found->containing_type()) path.insert(path.begin(), found->index());
    return true;
  }

  [[nodiscard]] const pb::Descriptor* message_of(const std::vector<int>& path) const {
    const pb::Descriptor* message = m_file->message_type(path.front());
    for (std::size_t level = 1; level < path.size(); ++level) message = message->nested_type(path[level]);
    return message;
  }

  /// Follows the indexes before the message: none for the first one, else one for each level.
  const pb::Descriptor* message_at(std::string_view& bytes) const {
    const std::int64_t levels = take_index(bytes);
    if (levels == 0) return m_file->message_type(0);
    constexpr std::int64_t k_deepest = 64;
    const pb::Descriptor* message = nullptr;
    for (std::int64_t level = 0; level < levels && levels <= k_deepest; ++level) {
      const std::int64_t index = take_index(bytes);
      const int count = message == nullptr ? m_file->message_type_count() : message->nested_type_count();
      if (index < 0 || index >= count) refuse("the value names a message that its Protobuf schema has not");
      message = message == nullptr ? m_file->message_type(static_cast<int>(index))
                                   : message->nested_type(static_cast<int>(index));
    }
    if (message == nullptr) refuse("the index of the Protobuf message is damaged");
    return message;
  }

  pb::DescriptorPool m_pool;
  mutable pb::DynamicMessageFactory m_factory;  ///< locks itself
  const pb::FileDescriptor* m_file = nullptr;
};

/// Names the well-known types, so that their files are in the pool that every schema may import from.
void link_well_known() {
  pb::SetLogHandler(nullptr);  // what is wrong is said by our errors
  static_cast<void>(pb::Timestamp::descriptor());
  static_cast<void>(pb::Duration::descriptor());
  static_cast<void>(pb::Any::descriptor());
  static_cast<void>(pb::Empty::descriptor());
  static_cast<void>(pb::Struct::descriptor());
  static_cast<void>(pb::Int32Value::descriptor());
}

}  // namespace
}  // namespace kbeat::schema

extern "C" kbeat::schema::Codec* kbeat_make_protobuf_codec(
    std::string_view schema, const std::vector<kbeat::schema::Imported>& imports) {
  kbeat::schema::link_well_known();
  return new kbeat::schema::ProtobufCodec(schema, imports);
}
