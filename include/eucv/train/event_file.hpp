#pragma once

#include <eucv/core/file.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/train/history.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace eucv::train {

/// CRC-32C (Castagnoli; RFC 3720, appendix B.4), as TFRecord files have it.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes) noexcept;

/// A record of a TFRecord file: its length in eight bytes, the masked CRC-32C of these, the bytes, and theirs.
[[nodiscard]] std::string tf_record(std::string_view bytes);

/// The history of a training for TensorBoard: a file of events in a folder of its own, one record a figure and epoch.
///
/// write() may be called after each epoch with the whole history so far: the first call replaces a file that an earlier
/// run left, since its rows are in the history of a run that goes on, and each call adds the rows that are new. A
/// figure that was not taken has no record. An epoch of earlier runs gets the time that its seconds say.
class event_file {
public:
  /// Makes the folder. `clock` tells seconds since 1970. Throws a file_error() where that is not possible.
  explicit event_file(const std::filesystem::path& folder, std::function<double()> clock = wall_seconds);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  void write(std::span<const epoch_figures> history);

  /// Seconds since 1970 by the system's clock.
  [[nodiscard]] static double wall_seconds();

private:
  std::filesystem::path path_;
  std::function<double()> clock_;
  file output_;
  std::size_t rows_ = 0; // that are in the file
};

} // namespace eucv::train

#ifdef EUCV_IMPLEMENTATION_TRAIN
#include <eucv/nn/protobuf.hpp>

#include <array>
#include <chrono>
#include <cmath>

#include <fcntl.h>

namespace eucv::train {

std::uint32_t crc32c(std::string_view bytes) noexcept {
  static constexpr auto table = [] {
    std::array<std::uint32_t, 256> made{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
      std::uint32_t rest = byte;
      for (int bit = 0; bit < 8; ++bit) rest = rest >> 1U ^ ((rest & 1U) != 0 ? 0x82F63B78U : 0);
      made[byte] = rest;
    }
    return made;
  }();
  std::uint32_t rest = ~0U;
  for (const char byte : bytes) rest = rest >> 8U ^ table[(rest ^ static_cast<unsigned char>(byte)) & 0xFFU];
  return ~rest;
}

std::string tf_record(std::string_view bytes) {
  const auto number = [](std::uint64_t value, unsigned size) {
    std::string text;
    for (unsigned i = 0; i < size; ++i) text += static_cast<char>(value >> 8U * i & 0xFFU);
    return text;
  };
  // A checksum of bytes that hold their own checksum is degenerate, so the format turns and shifts it.
  const auto masked = [&](std::string_view of) {
    const std::uint32_t sum = crc32c(of);
    return number(static_cast<std::uint32_t>((sum >> 15U | sum << 17U) + 0xA282EAD8U), 4);
  };
  const std::string length = number(bytes.size(), 8);
  return length + masked(length) + std::string(bytes) + masked(bytes);
}

namespace detail {

// event.proto: wall_time 1, step 2, summary 5; summary.proto: value 1, of which tag 1, simple_value 2.
std::string tensorboard_event(double time, std::size_t epoch, std::string_view tag, double figure) {
  nn::protobuf_message value, summary, event;
  value.text(1, tag).real(2, static_cast<float>(figure));
  summary.message(1, value);
  event.real64(1, time).integer(2, static_cast<std::int64_t>(epoch)).message(5, summary);
  return event.bytes();
}

} // namespace detail

event_file::event_file(const std::filesystem::path& folder, std::function<double()> clock)
    : path_(folder / "events.out.tfevents.eucv"), clock_(std::move(clock)) {
  make_folder(folder);
}

void event_file::write(std::span<const epoch_figures> history) {
  double time = clock_();
  for (std::size_t i = rows_; i < history.size(); ++i) time -= history[i].seconds;
  std::string records;
  if (!output_.is_open()) {
    output_ = file(path_, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
    records += tf_record(nn::protobuf_message().real64(1, time).text(3, "brain.Event:2").bytes());
  }
  for (; rows_ < history.size(); ++rows_) {
    const auto& row = history[rows_];
    time += row.seconds;
    const std::pair<const char*, double> figures[] = {
        {"loss/train", row.train_loss},
        {"loss/validation", row.validation_loss},
        {"accuracy/train", row.train_accuracy},
        {"accuracy/validation", row.validation_accuracy},
        {"macro_f1/validation", row.validation_macro_f1},
        {"mean_average_precision/validation", row.validation_mean_average_precision},
        {"learning_rate", row.rate}};
    for (const auto& [tag, figure] : figures)
      if (std::isfinite(figure)) records += tf_record(detail::tensorboard_event(time, row.epoch, tag, figure));
  }
  output_.write(records);
}

double event_file::wall_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

} // namespace eucv::train
#endif
