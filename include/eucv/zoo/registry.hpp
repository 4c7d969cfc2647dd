#pragma once

#include <eucv/core/error.hpp>
#include <eucv/zoo/architecture.hpp>
#include <eucv/zoo/resnet.hpp>
#include <eucv/zoo/resnet9.hpp>
#include <eucv/zoo/small.hpp>
#include <eucv/zoo/squeezenet.hpp>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace eucv::zoo {

/// A list of architectures that are chosen by name.
template <architecture_entry... Entries>
struct architecture_list {
  /// All names, in the order of the list.
  [[nodiscard]] static std::span<const std::string_view> names() noexcept {
    static constexpr std::array<std::string_view, sizeof...(Entries)> all{Entries::facts.name...};
    return all;
  }

  /// What is known of the architecture of this name. Throws invalid_argument for one that is not in the list.
  [[nodiscard]] static const architecture_facts& facts_of(std::string_view name) {
    const architecture_facts* found = nullptr;
    static_cast<void>((... || (Entries::facts.name == name && (found = &Entries::facts))));
    if (found == nullptr) throw unknown(name);
    return *found;
  }

  /// Calls function(layers) with the layers of the architecture of this name, and returns its result, which has the
  /// same type for all. Throws invalid_argument for a name that is not in the list.
  template <class Result, class Function>
  [[nodiscard]] static Result build(std::string_view name, const architecture_options& wanted, Function&& function) {
    std::optional<Result> made;
    static_cast<void>(
        (... || (Entries::facts.name == name && (made.emplace(function(Entries::layers(wanted))), true))));
    if (!made) throw unknown(name);
    return std::move(*made);
  }

private:
  static error unknown(std::string_view name) {
    std::string known;
    for (const auto each : names()) known += (known.empty() ? "" : ", ") + std::string(each);
    return {errc::invalid_argument,
            {"build a network", std::string(name), "there is no such architecture", "choose one of " + known}};
  }
};

/// The registry. A new architecture is an entry in the file of its family, and one more name here.
using registry =
    architecture_list<small_architecture, resnet9_architecture, resnet9_half_architecture, squeezenet1_1_architecture,
                      resnet18_architecture, resnet34_architecture, resnet50_architecture>;

} // namespace eucv::zoo
