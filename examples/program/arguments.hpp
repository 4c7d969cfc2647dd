#pragma once

#include "program/field_options.hpp"
#include "program/status.hpp"

#include <eucv/core/error.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

namespace program {
namespace detail {

/// The name of an option in an argument: "--epochs" of "--epochs=5"; empty for what is none.
inline std::string option_name(const std::string& argument) {
  return argument.starts_with("--") ? argument.substr(0, argument.find('=')) : std::string();
}

/// The entries of a configuration file for a command: those outside of any section, and those of the command's own.
inline std::vector<CLI::ConfigItem> read_config(const std::string& path, const std::string& command) {
  std::ifstream file(path);
  if (!file)
    throw eucv::error(eucv::errc::not_found, {"read the configuration", path, "there is no such file", "name another"});
  std::vector<CLI::ConfigItem> items;
  for (auto& item : CLI::ConfigTOML().from_config(file)) {
    if (item.name == "++" || item.name == "--") continue; // begin and end of a section
    if (item.parents.empty() || (item.parents.size() == 1 && item.parents.front() == command))
      items.push_back(std::move(item));
  }
  return items;
}

} // namespace detail

/// The arguments of a command line as the commands of today take them: options of the version before get their new
/// names, with a line that says so, and `--config FILE` is replaced by the entries of the file, as far as the command
/// line does not name these options itself. Throws not_found for a file that is not there.
[[nodiscard]] inline std::vector<std::string> prepared_arguments(std::vector<std::string> arguments) {
  if (arguments.empty()) return arguments;
  const std::string command = arguments.front();
  const auto renamed = former_names().find(command);
  for (auto& argument : arguments) {
    if (argument == "--") break;
    if (renamed == former_names().end()) break;
    const auto name = detail::option_name(argument);
    const auto found = renamed->second.find(name);
    if (found == renamed->second.end()) continue;
    warn(name + " is now called " + found->second + "; the old name goes with the next version");
    argument.replace(0, name.size(), found->second);
  }
  std::set<std::string> named;
  for (const auto& argument : arguments) named.insert(detail::option_name(argument));
  for (std::size_t i = 1; i < arguments.size() && arguments[i] != "--"; ++i) {
    if (detail::option_name(arguments[i]) != "--config") continue;
    const bool joined = arguments[i].find('=') != std::string::npos;
    if (!joined && i + 1 == arguments.size()) return arguments; // CLI11 says what is missing
    const std::string path = joined ? arguments[i].substr(arguments[i].find('=') + 1) : arguments[i + 1];
    const auto at = arguments.begin() + static_cast<std::ptrdiff_t>(i);
    auto place = arguments.erase(at, at + (joined ? 1 : 2));
    for (const auto& item : detail::read_config(path, command)) {
      if (named.contains("--" + item.name)) continue;
      for (const auto& value : item.inputs) place = std::next(arguments.insert(place, "--" + item.name + "=" + value));
    }
    break;
  }
  return arguments;
}

} // namespace program
