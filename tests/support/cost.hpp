#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace test {

/// What an action cost, and what it answered.
struct cost {
  double seconds = 0;    ///< of processor time, user and system
  std::size_t bytes = 0; ///< by which the process grew at most
  std::string answer;
};

/// Runs an action that returns a text in a forked child, and asks the kernel what it cost (getrusage): memory that the
/// tests before it used and gave back does not hide what it takes. A child that a signal ends answers "signal N".
template <class Action>
cost cost_of(Action&& action) {
  ::malloc_trim(0);
  int channel[2];
  if (::pipe(channel) != 0) throw std::runtime_error("pipe failed");
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    rusage before{}, after{};
    ::getrusage(RUSAGE_SELF, &before);
    std::string answer;
    try {
      answer = action();
    } catch (...) {
      answer = "exception";
    }
    ::getrusage(RUSAGE_SELF, &after);
    const auto seconds = [](const rusage& used) {
      return double(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
             1e-6 * double(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    };
    const std::string told = std::to_string(seconds(after) - seconds(before)) + ' ' +
                             std::to_string((after.ru_maxrss - before.ru_maxrss) * 1024) + ' ' + answer;
    const bool sent = ::write(channel[1], told.data(), told.size()) == static_cast<ssize_t>(told.size());
    ::_exit(sent ? 0 : 1);
  }
  ::close(channel[1]);
  std::string told;
  char piece[512];
  for (ssize_t count; (count = ::read(channel[0], piece, sizeof piece)) > 0;)
    told.append(piece, static_cast<std::size_t>(count));
  ::close(channel[0]);
  int state = 0;
  ::waitpid(child, &state, 0);
  if (WIFSIGNALED(state)) return {.answer = "signal " + std::to_string(WTERMSIG(state))};
  cost spent;
  std::size_t used = 0;
  spent.seconds = std::stod(told, &used);
  told.erase(0, used + 1);
  spent.bytes = std::stoull(told, &used);
  spent.answer = told.substr(used + 1);
  return spent;
}

} // namespace test
