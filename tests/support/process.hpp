#pragma once

#include "support/temporary_folder.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace test {

/// How a process ended and what it wrote.
struct outcome {
  int status = 0; ///< exit status; 128 + number where a signal ended it, as a shell says it
  std::string out, err;

  /// The last line on stderr, without its end.
  [[nodiscard]] std::string last_line() const {
    std::string text = err;
    while (text.ends_with('\n')) text.pop_back();
    return text.substr(text.rfind('\n') + 1);
  }
};

/// What a process gets besides its arguments.
struct surroundings {
  std::map<std::string, std::string> environment = {}; ///< added; a variable with an empty value is removed
  std::string input = {};                              ///< what it reads from stdin
  std::string output = {};                             ///< file for stdout instead of the outcome, such as /dev/full
  std::function<void()> before = {};                   ///< called in the child before the program starts
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int slowness = 10; ///< of a program under sanitizers: its deadlines are so much longer
#else
inline constexpr int slowness = 1;
#endif

/// A program that runs; killed at the end of the scope if it still does.
class process {
public:
  process(const std::string& program, std::vector<std::string> arguments, surroundings around = {}) {
    const std::string out = around.output.empty() ? (folder_ / "out").string() : around.output;
    std::ofstream(folder_ / "in") << around.input;
    arguments.insert(arguments.begin(), program);
    id_ = ::fork();
    if (id_ < 0) throw std::runtime_error("fork failed");
    if (id_ == 0) {
      redirect(STDIN_FILENO, (folder_ / "in").string(), O_RDONLY);
      redirect(STDOUT_FILENO, out, O_WRONLY | O_CREAT);
      redirect(STDERR_FILENO, (folder_ / "err").string(), O_WRONLY | O_CREAT);
      for (const auto& [name, value] : around.environment)
        value.empty() ? ::unsetenv(name.c_str()) : ::setenv(name.c_str(), value.c_str(), 1);
      if (around.before) around.before();
      std::vector<char*> words;
      for (auto& word : arguments) words.push_back(word.data());
      words.push_back(nullptr);
      ::execv(program.c_str(), words.data());
      ::_exit(127);
    }
    handle_ = static_cast<int>(::syscall(SYS_pidfd_open, id_, 0));
  }
  ~process() {
    if (!ended_) {
      ::kill(id_, SIGKILL);
      ::waitpid(id_, nullptr, 0);
    }
    ::close(handle_);
  }
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  void send(int signal) const { ::kill(id_, signal); }

  /// Returns when `holds` gives true, and looks again every few milliseconds; false when the process ended first.
  template <class Predicate>
  bool until(Predicate&& holds, std::chrono::seconds deadline = std::chrono::seconds(120)) {
    const auto end = std::chrono::steady_clock::now() + slowness * deadline;
    while (!holds()) {
      if (ends_within(std::chrono::milliseconds(3))) return holds();
      if (std::chrono::steady_clock::now() > end) throw std::runtime_error("the process took too long");
    }
    return true;
  }

  /// Waits for the end. Throws where it does not come in time.
  outcome wait(std::chrono::seconds deadline = std::chrono::seconds(240)) {
    if (!ends_within(slowness * deadline)) throw std::runtime_error("the process did not end");
    int state = 0;
    ::waitpid(id_, &state, 0);
    ended_ = true;
    outcome result;
    result.status = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
    result.out = text_of(folder_ / "out");
    result.err = text_of(folder_ / "err");
    return result;
  }

private:
  static void redirect(int descriptor, const std::string& path, int flags) {
    const int opened = ::open(path.c_str(), flags, 0600);
    if (opened < 0 || ::dup2(opened, descriptor) < 0) ::_exit(126);
    ::close(opened);
  }
  static std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  bool ends_within(std::chrono::milliseconds time) const {
    pollfd waited{handle_, POLLIN, 0};
    int ready = 0;
    do ready = ::poll(&waited, 1, static_cast<int>(time.count()));
    while (ready < 0 && errno == EINTR);
    return ready > 0;
  }

  temporary_folder folder_;
  pid_t id_ = -1;
  int handle_ = -1;
  bool ended_ = false;
};

} // namespace test
