#pragma once

#include "program/status.hpp"
#include "program/terminal.hpp"

#include <CLI/CLI.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

namespace program {

/// What every command takes.
struct common_options {
  std::uint64_t seed = 1;
  std::size_t threads = 0; ///< 0: one a core
  bool quiet = false;
  std::string config = {};

  [[nodiscard]] progress_display::style progress() const { return progress_display::choose(quiet); }
};

/// Adds a command whose options are an `Options`, which derives from common_options. `describe` names its own options;
/// `run` is what it does. The chosen command of a command line ends up in `chosen`.
template <class Options>
void add_command(CLI::App& parent, action& chosen, const std::pair<std::string, std::string>& name_and_help,
                 void (*describe)(CLI::App&, Options&), status (*run)(const Options&)) {
  auto options = std::make_shared<Options>();
  CLI::App* const command = parent.add_subcommand(name_and_help.first, name_and_help.second);
  describe(*command, *options);
  command->add_option("--seed", options->seed, "Seed of everything that is random")->capture_default_str();
  command->add_option("--threads", options->threads, "Threads that compute; 0: one a core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  // Read before by prepared_arguments(), which puts the entries of the file in its place.
  command->add_option("--config", options->config, "File of options for this command (TOML or INI): epochs = 20, say")
      ->type_name("FILE");
  command->add_flag("--quiet", options->quiet, "Show no progress");
  command->callback([&chosen, options, run] { chosen = [options, run] { return run(*options); }; });
}

/// A check that an option is a number of at least `least`, with a message that people can read.
inline CLI::Validator at_least(int least) {
  return CLI::Validator(
      [least](std::string& text) {
        char* end = nullptr;
        const double number = std::strtod(text.c_str(), &end);
        return end != text.c_str() && *end == '\0' && number >= least
                   ? std::string()
                   : "\"" + text + "\" is not a number of at least " + std::to_string(least);
      },
      "");
}

/// A check of an option's text by a function of the library that throws eucv::error: what it refuses is wrong usage.
template <class Function>
CLI::Validator checked_by(Function parse) {
  return CLI::Validator(
      [parse](std::string& text) {
        try {
          parse(text);
          return std::string();
        } catch (const eucv::error& refused) {
          return std::string(refused.what());
        }
      },
      "");
}

} // namespace program
