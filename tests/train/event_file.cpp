#include <eucv/train/event_file.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/code_of.hpp"
#include "support/protobuf_reader.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;
using namespace std::string_literals;

namespace {

std::uint64_t number_at(const std::string& bytes, std::size_t at, unsigned size) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < size; ++i) value |= std::uint64_t{static_cast<unsigned char>(bytes.at(at + i))} << 8 * i;
  return value;
}

// Bit by bit, as the polynomial says.
std::uint32_t slow_crc32c(const std::string& bytes) {
  std::uint32_t rest = ~0U;
  for (const char byte : bytes) {
    rest ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ (0x82F63B78U & (0U - (rest & 1U)));
  }
  return ~rest;
}

std::uint32_t unmasked(std::uint64_t masked) {
  const auto turned = static_cast<std::uint32_t>(masked) - 0xA282EAD8U;
  return turned >> 17 | turned << 15;
}

// The records of a file, each checksum checked.
std::vector<std::string> records_of(const std::string& bytes) {
  std::vector<std::string> records;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto size = static_cast<std::size_t>(number_at(bytes, at, 8));
    CHECK(unmasked(number_at(bytes, at + 8, 4)) == slow_crc32c(bytes.substr(at, 8)));
    records.push_back(bytes.substr(at + 12, size));
    CHECK(unmasked(number_at(bytes, at + 12 + size, 4)) == slow_crc32c(records.back()));
    at += 16 + size;
  }
  return records;
}

train::epoch_figures row(std::size_t epoch, double loss) {
  return {.epoch = epoch,
          .rate = 0.001,
          .train_loss = loss,
          .train_accuracy = 0.5,
          .validation_loss = loss + 1,
          .validation_accuracy = 0.25,
          .validation_macro_f1 = 0.125,
          .seconds = 10};
}

} // namespace

TEST_CASE("CRC-32C is that of RFC 3720") {
  CHECK(train::crc32c(std::string(32, '\0')) == 0x8A9136AAU);
  CHECK(train::crc32c(std::string(32, '\xff')) == 0x62A8AB43U);
  std::string rising, falling;
  for (int i = 0; i < 32; ++i) rising += static_cast<char>(i), falling += static_cast<char>(31 - i);
  CHECK(train::crc32c(rising) == 0x46DD794EU);
  CHECK(train::crc32c(falling) == 0x113FDB5CU);
  CHECK(train::crc32c("123456789") == 0xE3069283U);
  CHECK(train::crc32c("") == 0);
}

TEST_CASE("a record is framed as TensorFlow frames it") {
  const std::string made = train::tf_record("abc");
  CHECK(made == "\x03\0\0\0\0\0\0\0\xb0\x99\x49\x0e"
                "abc\x6e\x57\xf1\x21"s); // as TensorBoard's own RecordWriter writes it
  CHECK(records_of(made) == std::vector<std::string>{"abc"});
  CHECK(records_of(train::tf_record("")) == std::vector<std::string>{""});
}

TEST_CASE("the history becomes one record a figure and epoch, and grows by what is new") {
  const test::temporary_folder folder;
  double now = 1000;
  train::event_file events(folder / "board", [&] { return now; });
  std::vector<train::epoch_figures> history{row(1, 3), row(2, 2)};
  history[1].validation_macro_f1 = std::numeric_limits<double>::quiet_NaN();
  events.write(history);
  const auto first = read_file(events.path());
  history.push_back(row(3, 1));
  history.back().validation_mean_average_precision = 0.75; // as where items have several labels
  now = 1012;
  events.write(history);
  events.write(history);
  const auto bytes = read_file(events.path());
  CHECK(bytes.starts_with(first));
  CHECK(events.path().filename().string().find("tfevents") != std::string::npos);

  const auto records = records_of(bytes);
  REQUIRE(records.size() == 1 + 6 + 5 + 7);
  CHECK(test::field_of(records[0], 3).bytes == "brain.Event:2");
  CHECK(test::field_of(records[0], 1).real64 == 980); // two epochs of 10 seconds had gone by at 1000
  std::map<std::pair<std::string, std::uint64_t>, std::pair<float, double>> seen;
  for (std::size_t i = 1; i < records.size(); ++i) {
    const auto summary = test::field_of(records[i], 5).bytes, value = test::field_of(summary, 1).bytes;
    seen[{std::string(test::field_of(value, 1).bytes), test::field_of(records[i], 2).integer}] = {
        test::field_of(value, 2).real, test::field_of(records[i], 1).real64};
  }
  CHECK(seen.size() == 18);
  CHECK(seen.at({"mean_average_precision/validation", 3}).first == 0.75F);
  CHECK(seen.at({"loss/train", 2}) == std::pair(2.0F, 1000.0));
  CHECK(seen.at({"loss/validation", 3}) == std::pair(2.0F, 1012.0));
  CHECK(seen.at({"accuracy/train", 1}) == std::pair(0.5F, 990.0));
  CHECK(seen.at({"accuracy/validation", 1}).first == 0.25F);
  CHECK(seen.at({"learning_rate", 3}).first == 0.001F);
  CHECK(seen.at({"macro_f1/validation", 3}).first == 0.125F);
  CHECK_FALSE(seen.contains({"macro_f1/validation", 2}));
}

TEST_CASE("a run that goes on begins the file anew, with all epochs") {
  const test::temporary_folder folder;
  const auto clock = [] { return 500.0; };
  const std::vector<train::epoch_figures> history{row(1, 3), row(2, 2)};
  train::event_file(folder / "board", clock).write(std::span(history).first(1));
  train::event_file again(folder / "board", clock);
  again.write(history);
  CHECK(records_of(read_file(again.path())).size() == 1 + 6 + 6);
}

TEST_CASE("a folder that cannot be made is an error") {
  CHECK(test::failure_of([] { train::event_file events("/proc/no-folder/board"); }).has_value());
}
