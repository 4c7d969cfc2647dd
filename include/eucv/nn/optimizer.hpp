#pragma once

#include <eucv/nn/backend.hpp>
#include <eucv/nn/parameter.hpp>
#include <eucv/nn/safetensors.hpp>

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace eucv::nn {

/// Stochastic gradient descent with momentum, as PyTorch's SGD: v = momentum v + (g + decay w), w -= rate v; with
/// Nesterov's momentum w -= rate (g + decay w + momentum v) instead, from where the next step will have led.
struct sgd {
  double momentum = 0.9;
  double weight_decay = 0;
  bool nesterov = false; ///< has no meaning without momentum
};

/// Adam (Kingma and Ba, 2015), as PyTorch's: the decay is added to the gradient.
struct adam {
  double beta1 = 0.9, beta2 = 0.999; ///< how long the mean and the mean square of gradients last
  double epsilon = 1e-8;
  double weight_decay = 0;
};

/// Adam with decoupled decay (Loshchilov and Hutter, 2019), as PyTorch's AdamW: w shrinks by rate * weight_decay.
struct adam_w {
  double beta1 = 0.9, beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.01;
};

/// Which of them, chosen when the program runs.
using optimizer_rule = std::variant<sgd, adam, adam_w>;

/// Root of the sum of squares over all gradients; not finite if one of them is not.
template <backend Backend>
[[nodiscard]] double gradient_norm(Backend& backend, std::span<const parameter<Backend>> parameters) {
  double sum = 0;
  for (const auto& each : parameters)
    if (each.gradient && !each.frozen) sum += backend.sum_of_squares(each.gradient);
  return std::sqrt(sum);
}

/// Changes parameters along their gradients. Frozen ones, and those without a gradient, stay as they are and cost
/// nothing. Each learns at its own share of the rate. One pass over memory a parameter, cut into pieces by the backend,
/// so the bits do not depend on threads.
///
/// Keeps its state in the order of the parameters: give the same ones at each call.
template <backend Backend>
class optimizer {
public:
  using scalar = typename Backend::scalar;

  explicit optimizer(optimizer_rule rule = sgd{}) : rule_(rule) {}

  struct step_options {
    double rate = 1e-3;
    /// Gradients are multiplied by it on the way: a limit on their norm costs no pass of its own.
    double gradient_scale = 1;
  };
  void step(Backend& backend, std::span<parameter<Backend>> parameters, const step_options& now) {
    slots_.resize(parameters.size());
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      auto& each = parameters[i];
      if (each.frozen || !each.gradient) continue;
      if (slots_[i].steps == 0) start(backend, slots_[i], each.value.shape);
      ++slots_[i].steps;
      const step_options own{now.rate * each.rate, now.gradient_scale};
      std::visit([&](const auto& rule) { change(backend, rule, each, slots_[i], own); }, rule_);
    }
  }

  /// Adds the state to `content`, under "optimizer.<parameter>.<what>".
  void save(Backend& backend, std::span<const parameter<Backend>> parameters, tensor_file& content) const {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].steps == 0) continue;
      const std::string name = "optimizer." + parameters[i].name;
      const auto add = [&](const std::string& what, const tensor<Backend>& values) {
        if (!values) return;
        const auto flat = backend.values(values, order::channels_first);
        content.arrays.push_back({name + what, parameters[i].dims, {flat.begin(), flat.end()}});
      };
      content.arrays.push_back({name + ".steps", {1}, {static_cast<float>(slots_[i].steps)}});
      add(".first", slots_[i].first);
      add(".second", slots_[i].second);
    }
  }

  /// Takes the state that save() left. Throws missing_tensor or shape_mismatch where it does not fit the parameters or
  /// the rule. On a backend of float the next step has the same bits as without the break.
  void load(Backend& backend, std::span<const parameter<Backend>> parameters, const tensor_file& content) {
    slots_.assign(parameters.size(), {});
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const std::string name = "optimizer." + parameters[i].name;
      const named_array* const steps = content.find(name + ".steps");
      if (steps == nullptr) continue; // it was frozen so far
      start(backend, slots_[i], parameters[i].value.shape);
      slots_[i].steps = static_cast<std::size_t>(steps->values.at(0));
      const auto take = [&](const std::string& what, tensor<Backend>& values) {
        if (!values) return;
        const auto& array = content.at(name + what, parameters[i].dims);
        const std::vector<scalar> flat(array.values.begin(), array.values.end());
        backend.assign(values, flat, order::channels_first);
      };
      take(".first", slots_[i].first);
      take(".second", slots_[i].second);
    }
  }

private:
  struct slot {
    std::size_t steps = 0;
    tensor<Backend> first, second; // momentum, or the means of gradients and of their squares
  };

  void start(Backend& backend, slot& state, const shape& extents) const {
    const auto zeros = [&] {
      auto made = backend.make(extents, lifetime::model);
      backend.fill(made, scalar(0));
      return made;
    };
    const sgd* const plain = std::get_if<sgd>(&rule_);
    if (plain == nullptr || plain->momentum != 0) state.first = zeros();
    if (plain == nullptr) state.second = zeros();
  }

  static void change(Backend& backend, const sgd& rule, parameter<Backend>& each, slot& state,
                     const step_options& now) {
    const auto momentum = scalar(rule.momentum), decay = scalar(rule.weight_decay), rate = scalar(now.rate),
               scale = scalar(now.gradient_scale);
    if (state.first && rule.nesterov)
      backend.map(
          [=](auto& w, auto& v, const auto& gradient) {
            using T = std::remove_cvref_t<decltype(w)>;
            const T g = T(scale) * gradient + T(decay) * w;
            v = T(momentum) * v + g;
            w = w - T(rate) * (g + T(momentum) * v);
          },
          each.value, state.first, std::as_const(each.gradient));
    else if (state.first)
      backend.map(
          [=](auto& w, auto& v, const auto& g) {
            using T = std::remove_cvref_t<decltype(w)>;
            v = T(momentum) * v + (T(scale) * g + T(decay) * w);
            w = w - T(rate) * v;
          },
          each.value, state.first, std::as_const(each.gradient));
    else
      backend.map(
          [=](auto& w, const auto& g) {
            using T = std::remove_cvref_t<decltype(w)>;
            w = w - T(rate) * (T(scale) * g + T(decay) * w);
          },
          each.value, std::as_const(each.gradient));
  }

  // Adam and AdamW differ in where the decay goes: `shrink` multiplies w, `decay` times w is added to g.
  static void change_adaptively(Backend& backend, const adam& rule, double shrink, parameter<Backend>& each,
                                slot& state, const step_options& now) {
    const auto steps = static_cast<double>(state.steps);
    const auto beta1 = scalar(rule.beta1), beta2 = scalar(rule.beta2), rest1 = scalar(1 - rule.beta1),
               rest2 = scalar(1 - rule.beta2), epsilon = scalar(rule.epsilon), decay = scalar(rule.weight_decay),
               scale = scalar(now.gradient_scale), keep = scalar(shrink),
               rate = scalar(now.rate / (1 - std::pow(rule.beta1, steps))),
               correction = scalar(1 / std::sqrt(1 - std::pow(rule.beta2, steps)));
    backend.map(
        [=](auto& w, auto& m, auto& v, const auto& gradient) {
          using T = std::remove_cvref_t<decltype(w)>;
          using std::sqrt;
          const T g = T(scale) * gradient + T(decay) * w;
          m = T(beta1) * m + T(rest1) * g;
          v = T(beta2) * v + T(rest2) * (g * g);
          w = T(keep) * w - T(rate) * m / (sqrt(v) * T(correction) + T(epsilon));
        },
        each.value, state.first, state.second, std::as_const(each.gradient));
  }
  static void change(Backend& backend, const adam& rule, parameter<Backend>& each, slot& state,
                     const step_options& now) {
    change_adaptively(backend, rule, 1, each, state, now);
  }
  static void change(Backend& backend, const adam_w& rule, parameter<Backend>& each, slot& state,
                     const step_options& now) {
    change_adaptively(backend, {rule.beta1, rule.beta2, rule.epsilon, 0}, 1 - now.rate * rule.weight_decay, each, state,
                      now);
  }

  optimizer_rule rule_;
  std::vector<slot> slots_;
};

} // namespace eucv::nn
