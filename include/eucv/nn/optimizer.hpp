#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/options.hpp>
#include <eucv/nn/backend.hpp>
#include <eucv/nn/optimizer/adam.hpp>
#include <eucv/nn/optimizer/adam_w.hpp>
#include <eucv/nn/optimizer/lamb.hpp>
#include <eucv/nn/optimizer/sgd.hpp>
#include <eucv/nn/optimizer/state.hpp>
#include <eucv/nn/parameter.hpp>
#include <eucv/nn/safetensors.hpp>

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace eucv::nn {

/// Any optimizer, chosen at run time. This list is the registry: a new optimizer is an option struct in a file of its
/// own that models optimizer_method, and one more alternative at the end.
using any_optimizer = std::variant<sgd, adam, adam_w, lamb>;

/// The hyper-parameters of an optimizer and its update of one parameter. tensors() says how many tensors of
/// optimizer_state it keeps for each; `name` is stable: command lines and checkpoints hold it.
template <class T, class Backend>
concept optimizer_method = option_struct<T> && std::copyable<T> &&
    requires(const T& method, Backend& on, parameter<Backend>& weight, optimizer_state<Backend>& state,
             const optimizer_step& now) {
  { T::name } -> std::convertible_to<std::string_view>;
  { method.tensors() } -> std::same_as<std::size_t>;
  method.update(on, weight, state, now);
};

namespace detail {

template <class... Methods>
[[nodiscard]] inline std::span<const std::string_view> names_of(std::type_identity<std::variant<Methods...>>) {
  static constexpr std::array<std::string_view, sizeof...(Methods)> names{Methods::name...};
  return names;
}

template <class... Methods>
[[nodiscard]] bool choose_for_pictures(std::string_view name, std::variant<Methods...>& method) {
  return (... || (Methods::name == name && (method = Methods::for_pictures(), true)));
}

} // namespace detail

/// The names of all optimizers.
[[nodiscard]] inline std::span<const std::string_view> optimizer_names() {
  return detail::names_of(std::type_identity<any_optimizer>{});
}

/// The optimizer of this name with the hyper-parameters that are usual for classifiers of pictures. Throws
/// invalid_argument for a name that is none of optimizer_names().
[[nodiscard]] inline any_optimizer optimizer_for_pictures(std::string_view name) {
  any_optimizer method;
  if (!detail::choose_for_pictures(name, method))
    throw error(errc::invalid_argument, {"make the optimizer", std::string(name), "there is no such optimizer",
                                         "choose one of optimizer_names()"});
  return method;
}

/// Euclidean norm of all gradients together, by one reduction; not finite if one of them is not.
template <has_norms Backend>
[[nodiscard]] double gradient_norm(Backend& backend, std::span<const parameter<Backend>> parameters) {
  std::vector<const tensor<Backend>*> learning;
  for (const auto& each : parameters)
    if (each.gradient && !each.frozen) learning.push_back(&each.gradient);
  double sum = 0;
  for (const double squares : backend.sums_of_squares(learning)) sum += squares;
  return std::sqrt(sum);
}

/// An optimizer at work: updates parameters by their gradients, and keeps its state for each. Frozen parameters, and
/// those without a gradient, stay as they are and cost nothing. Each learns at its own share of the rate. Passes over
/// memory are cut into pieces by the backend, so the bits do not depend on the number of threads.
///
/// The state is kept in the order of the parameters: give the same ones at each call.
template <backend Backend>
requires has_norms<Backend>
class optimizer {
public:
  using scalar = typename Backend::scalar;

  /// Throws invalid_argument for a hyper-parameter out of range.
  explicit optimizer(any_optimizer method = sgd{}) : method_(std::move(method)) {
    std::visit([](const auto& chosen) { check_options(chosen, "make the optimizer"); }, method_);
  }

  /// One update of all parameters.
  void step(Backend& backend, std::span<parameter<Backend>> parameters, const optimizer_step& now) {
    std::visit([&](const auto& chosen) { update(chosen, backend, parameters, now); }, method_);
  }

  /// Adds the state to `content`, under "optimizer.<parameter>.<what>".
  void save(Backend& backend, std::span<const parameter<Backend>> parameters, tensor_file& content) const {
    for (std::size_t i = 0; i < states_.size(); ++i) {
      if (states_[i].steps == 0) continue;
      const std::string name = prefix(parameters[i]);
      content.arrays.push_back({name + steps_name, {2}, digits_of(states_[i].steps)});
      for (std::size_t k = 0; k < tensor_names.size(); ++k) {
        if (!states_[i].tensors[k]) continue;
        const auto flat = backend.values(states_[i].tensors[k], order::channels_first);
        content.arrays.push_back({name + tensor_names[k], parameters[i].dims, {flat.begin(), flat.end()}});
      }
    }
  }

  /// Takes the state that save() left. Throws missing_tensor or shape_mismatch where it does not fit the parameters or
  /// the optimizer. On a backend of float the next step has the same bits as without the break.
  void load(Backend& backend, std::span<const parameter<Backend>> parameters, const tensor_file& content) {
    states_.assign(parameters.size(), {});
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const std::string name = prefix(parameters[i]);
      const named_array* const steps = content.find(name + steps_name);
      if (steps == nullptr) continue; // it was frozen so far
      start(backend, states_[i], parameters[i].value.shape);
      states_[i].steps = number_of(*steps, content.source);
      for (std::size_t k = 0; k < tensor_names.size(); ++k) {
        if (!states_[i].tensors[k]) continue;
        const auto& array = content.at(name + tensor_names[k], parameters[i].dims);
        const std::vector<scalar> flat(array.values.begin(), array.values.end());
        backend.assign(states_[i].tensors[k], flat, order::channels_first);
      }
    }
  }

private:
  static constexpr const char* steps_name = ".steps";
  static constexpr std::array<const char*, 2> tensor_names{".first", ".second"};

  static std::string prefix(const parameter<Backend>& of) { return "optimizer." + of.name; }

  template <class Method>
  requires optimizer_method<Method, Backend>
  void update(const Method& method, Backend& backend, std::span<parameter<Backend>> parameters,
              const optimizer_step& now) {
    states_.resize(parameters.size());
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      auto& each = parameters[i];
      if (each.frozen || !each.gradient) continue;
      if (states_[i].steps == 0) start(backend, states_[i], each.value.shape);
      ++states_[i].steps;
      method.update(backend, each, states_[i], {now.rate * each.rate, now.gradient_scale});
    }
  }

  void start(Backend& backend, optimizer_state<Backend>& state, const shape& extents) const {
    const std::size_t count = std::visit([](const auto& chosen) { return chosen.tensors(); }, method_);
    for (std::size_t k = 0; k < count; ++k) {
      state.tensors[k] = backend.make(extents, lifetime::model);
      backend.fill(state.tensors[k], scalar(0));
    }
  }

  // A float holds whole numbers up to 2^24 exactly: two of them hold the number of steps, its low digits first. Files
  // of eucv 0.1 hold the low digits alone.
  static constexpr std::size_t base = std::size_t{1} << 24;
  static std::vector<float> digits_of(std::size_t number) {
    return {static_cast<float>(number % base), static_cast<float>(number / base)};
  }
  static std::size_t number_of(const named_array& digits, const std::string& source) {
    std::size_t number = 0;
    for (std::size_t i = digits.values.size(); i-- > 0;) {
      const float digit = digits.values[i];
      if (!(digit >= 0 && digit <= static_cast<float>(base)) || digits.values.size() > 2)
        throw error(errc::bad_format, {"read the state of the optimizer", source,
                                       "\"" + digits.name + "\" is not a number of steps", "begin the training anew"});
      number = number * base + static_cast<std::size_t>(digit);
    }
    return number;
  }

  any_optimizer method_;
  std::vector<optimizer_state<Backend>> states_;
};

} // namespace eucv::nn
