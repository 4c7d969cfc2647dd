#include <eucv/nn/protobuf.hpp>

#include <doctest/doctest.h>

#include <support/protobuf_reader.hpp>

#include <limits>
#include <string>

using eucv::nn::protobuf_message;
using namespace std::string_literals;

TEST_CASE("the bytes are those of the encoding's documentation") {
  CHECK(protobuf_message().integer(1, 150).bytes() == "\x08\x96\x01"s);
  CHECK(protobuf_message().text(2, "testing").bytes() == "\x12\x07testing"s);
  CHECK(protobuf_message().message(3, protobuf_message().integer(1, 150)).bytes() == "\x1a\x03\x08\x96\x01"s);
  CHECK(protobuf_message().integer(2, -2).bytes() == "\x10\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"s);
  CHECK(protobuf_message().integer(1, 0).bytes() == "\x08\x00"s);
  CHECK(protobuf_message().real(2, 0.5F).bytes() == "\x15\x00\x00\x00\x3f"s);
  CHECK(protobuf_message().real64(1, 0.5).bytes() == "\x09\x00\x00\x00\x00\x00\x00\xe0\x3f"s);
  CHECK(protobuf_message().text(16, "").bytes() == "\x82\x01\x00"s); // a field beyond 15 takes two bytes
}

TEST_CASE("a reader finds what was written") {
  protobuf_message message;
  message.integer(1, std::numeric_limits<std::int64_t>::max()).real(3, -1.25F).text(2, std::string(300, 'x'));
  const auto fields = test::read_protobuf(message.bytes());
  REQUIRE(fields.size() == 3);
  CHECK(fields[0].integer == 0x7FFFFFFFFFFFFFFF);
  CHECK(fields[1].real == -1.25F);
  CHECK(fields[2].bytes == std::string(300, 'x'));
}
