#pragma once

#include <eucv/core/progress.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

namespace program {

/// Whether an environment variable is set to something.
[[nodiscard]] inline bool is_set(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

/// "1:05" or "2:03:04".
[[nodiscard]] inline std::string clock_text(double seconds) {
  const auto all = static_cast<std::uint64_t>(std::max(0.0, seconds) + 0.5);
  const auto two = [](std::uint64_t number) { return (number < 10 ? ":0" : ":") + std::to_string(number); };
  if (all < 3600) return std::to_string(all / 60) + two(all % 60);
  return std::to_string(all / 3600) + two(all / 60 % 60) + two(all % 60);
}

/// Shows how far a job is, on stderr: on a terminal a bar that is redrawn, elsewhere a plain line every ten seconds and
/// at the end, and nothing at all where the user wants quiet.
class progress_display {
public:
  enum class style { bar, lines, none };

  explicit progress_display(style how) : style_(how) {}
  ~progress_display() { clear(); }
  progress_display(const progress_display&) = delete;
  progress_display& operator=(const progress_display&) = delete;

  /// The style for this process: `quiet` is what the user asked for.
  static style choose(bool quiet) {
    const char* const terminal = std::getenv("TERM");
    const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
    return quiet ? style::none : ::isatty(STDERR_FILENO) != 0 && !dumb ? style::bar : style::lines;
  }

  /// What the library wants; valid as long as this object.
  [[nodiscard]] eucv::progress_sink sink() {
    if (style_ == style::none) return {};
    return [this](const eucv::progress& step) { show(step); };
  }

  /// Shows what the job waits for: on a terminal in place of the note of the bar, elsewhere as a line of its own.
  void waiting(std::string_view what) {
    if (style_ == style::none) return;
    if (style_ == style::lines) {
      std::cerr << what << std::endl;
      return;
    }
    draw({task_.empty() ? "waiting" : std::string_view(task_), last_.done, last_.total, what}, 0);
  }
  [[nodiscard]] style how() const noexcept { return style_; }

  /// Wipes the bar away, before something else is printed.
  void clear() {
    if (drawn_) std::fputs("\r\x1b[K", stderr);
    std::fflush(stderr);
    drawn_ = false;
  }

  /// The text of a step, at most `width` columns wide.
  [[nodiscard]] static std::string text(const eucv::progress& step, double rate, std::size_t width, bool colour) {
    std::string head(step.task);
    std::string tail = ' ' + std::to_string(step.done);
    if (step.total != 0) tail += '/' + std::to_string(step.total);
    if (rate > 0) {
      char number[32];
      std::snprintf(number, sizeof number, rate < 10 ? " %.2f/s" : " %.0f/s", rate);
      tail += number;
      if (step.total > step.done)
        tail += ' ' + clock_text(static_cast<double>(step.total - step.done) / rate) + " left";
    }
    std::string bar;
    if (step.total != 0 && width > head.size() + tail.size() + 24) {
      constexpr std::size_t cells = 20;
      const std::size_t full = std::min<std::size_t>(cells, cells * step.done / step.total);
      bar = std::string(" [") + (colour ? "\x1b[32m" : "") + std::string(full, '#') + (colour ? "\x1b[0m" : "") +
            std::string(cells - full, '.') + ']';
      width -= cells + 3;
    }
    std::string line = head + bar + tail;
    const std::size_t used = head.size() + tail.size();
    if (!step.note.empty() && width > used + 3) line += "  " + shortened(step.note, width - used - 2);
    return line;
  }

private:
  using clock = std::chrono::steady_clock;

  // Cuts at the beginning of a character of UTF-8.
  static std::string shortened(std::string_view text, std::size_t width) {
    if (text.size() <= width) return std::string(text);
    std::size_t end = width;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return std::string(text.substr(0, end));
  }

  void show(const eucv::progress& step) {
    const auto now = clock::now();
    last_ = {step.done, step.total};
    if (task_ != step.task) {
      task_ = step.task;
      first_done_ = step.done;
      first_ = now;
      shown_ = now - std::chrono::hours(1);
      if (style_ == style::lines) shown_ = now; // short jobs print one line: the last
    }
    const bool last = step.total != 0 && step.done >= step.total;
    const auto pause = style_ == style::bar ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10'000);
    if (now - shown_ < pause && !(last && step.done != shown_done_)) return;
    shown_ = now;
    shown_done_ = step.done;
    const double seconds = std::chrono::duration<double>(now - first_).count();
    const double rate = seconds > 0.2 ? static_cast<double>(step.done - first_done_) / seconds : 0;
    if (style_ == style::lines) {
      std::cerr << text(step, rate, 160, false) << std::endl;
      return;
    }
    draw(step, rate);
  }

  void draw(const eucv::progress& step, double rate) {
    winsize size{};
    const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    const std::string line = text(step, rate, known ? size.ws_col - 1U : 79U, !is_set("NO_COLOR"));
    std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
    std::fflush(stderr);
    drawn_ = true;
  }

  style style_;
  bool drawn_ = false;
  std::string task_;
  struct {
    std::uint64_t done = 0, total = 0;
  } last_;
  std::uint64_t first_done_ = 0, shown_done_ = 0;
  clock::time_point first_, shown_;
};

} // namespace program
