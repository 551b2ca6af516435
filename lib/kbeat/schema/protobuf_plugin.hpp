// The door between libkbeat.so and libkbeat_protobuf.so, the shared object that holds libprotobuf.
#pragma once

#include <string_view>
#include <vector>

#include "kbeat/schema/codec.hpp"

namespace kbeat::schema {

inline constexpr const char* k_make_protobuf_codec = "kbeat_make_protobuf_codec";

/// Returns an object made by new; throws as make_protobuf_codec does.
using MakeProtobufCodec = Codec*(std::string_view schema, const std::vector<Imported>& imports);

}  // namespace kbeat::schema
