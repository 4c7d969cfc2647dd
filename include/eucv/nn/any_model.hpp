#pragma once

#include <eucv/nn/model.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace eucv::nn {

/// What training, evaluation and files of weights need of a network: model, or any_model, or a type of the user.
template <class M>
concept network = backend<typename M::backend_type> &&
    requires(M& m, tensor<typename M::backend_type> x, nn::mode how, const eucv::random& engine) {
  { m.forward(x, how) } -> std::same_as<tensor<typename M::backend_type>>;
  m.backward(x);
  { m.parameters() } -> std::convertible_to<std::span<parameter<typename M::backend_type>>>;
  { m.buffers() } -> std::convertible_to<std::span<buffer<typename M::backend_type>>>;
  m.zero_gradients();
  { m.input_shape() } -> std::convertible_to<shape>;
  { m.output_shape() } -> std::convertible_to<shape>;
  { m.backend() } -> std::same_as<typename M::backend_type&>;
  { m.random() } -> std::convertible_to<eucv::random>;
  m.random(engine);
};

/// A model of any layers (type erasure), for architectures that are chosen at run time, as by a name in a file.
///
/// One virtual call a pass, none a layer. Members do what those of model do. Move-only.
template <backend Backend>
class any_model {
public:
  using backend_type = Backend;
  using tensor_type = tensor<Backend>;

  template <class Layer>
  any_model(model<Backend, Layer> held) : held_(std::make_unique<holder<Layer>>(std::move(held))) {}

  [[nodiscard]] tensor_type forward(tensor_type images, nn::mode how) { return held_->forward(std::move(images), how); }
  tensor_type backward(tensor_type gradient) { return held_->backward(std::move(gradient)); }
  [[nodiscard]] std::span<parameter<Backend>> parameters() noexcept { return held_->parameters(); }
  [[nodiscard]] std::span<buffer<Backend>> buffers() noexcept { return held_->buffers(); }
  void zero_gradients() noexcept {
    for (auto& each : parameters()) each.gradient = {};
  }
  std::size_t freeze_first(std::size_t blocks) { return held_->freeze_first(blocks); }
  [[nodiscard]] std::size_t constant_children() const { return held_->constant_children(); }
  [[nodiscard]] tensor_type features(tensor_type images, std::size_t children) {
    return held_->features(std::move(images), children);
  }
  [[nodiscard]] tensor_type forward_features(tensor_type features, nn::mode how, std::size_t children) {
    return held_->forward_features(std::move(features), how, children);
  }
  [[nodiscard]] std::span<const output_place> places() const noexcept { return held_->places(); }
  [[nodiscard]] insight<Backend> look_into(tensor_type images, std::size_t at, tensor_type weights) {
    return held_->look_into(std::move(images), at, std::move(weights));
  }
  [[nodiscard]] shape input_shape() const noexcept { return held_->input_shape(); }
  [[nodiscard]] shape output_shape() const noexcept { return held_->output_shape(); }
  [[nodiscard]] Backend& backend() noexcept { return held_->backend(); }
  [[nodiscard]] eucv::random random() const noexcept { return held_->random(); }
  void random(const eucv::random& engine) noexcept { held_->random(engine); }

private:
  struct base {
    virtual ~base() = default;
    virtual tensor_type forward(tensor_type, nn::mode) = 0;
    virtual tensor_type backward(tensor_type) = 0;
    virtual std::span<parameter<Backend>> parameters() = 0;
    virtual std::span<buffer<Backend>> buffers() = 0;
    virtual std::size_t freeze_first(std::size_t) = 0;
    virtual std::size_t constant_children() const = 0;
    virtual tensor_type features(tensor_type, std::size_t) = 0;
    virtual tensor_type forward_features(tensor_type, nn::mode, std::size_t) = 0;
    virtual std::span<const output_place> places() const = 0;
    virtual insight<Backend> look_into(tensor_type, std::size_t, tensor_type) = 0;
    virtual shape input_shape() const = 0;
    virtual shape output_shape() const = 0;
    virtual Backend& backend() = 0;
    virtual eucv::random random() const = 0;
    virtual void random(const eucv::random&) = 0;
  };

  template <class Layer>
  struct holder final : base {
    explicit holder(model<Backend, Layer> inner) : held(std::move(inner)) {}
    tensor_type forward(tensor_type images, nn::mode how) override { return held.forward(std::move(images), how); }
    tensor_type backward(tensor_type gradient) override { return held.backward(std::move(gradient)); }
    std::span<parameter<Backend>> parameters() override { return held.parameters(); }
    std::span<buffer<Backend>> buffers() override { return held.buffers(); }
    std::size_t freeze_first(std::size_t blocks) override { return held.freeze_first(blocks); }
    std::size_t constant_children() const override { return held.constant_children(); }
    tensor_type features(tensor_type images, std::size_t children) override {
      return held.features(std::move(images), children);
    }
    tensor_type forward_features(tensor_type features, nn::mode how, std::size_t children) override {
      return held.forward_features(std::move(features), how, children);
    }
    std::span<const output_place> places() const override { return held.places(); }
    insight<Backend> look_into(tensor_type images, std::size_t at, tensor_type weights) override {
      return held.look_into(std::move(images), at, std::move(weights));
    }
    shape input_shape() const override { return held.input_shape(); }
    shape output_shape() const override { return held.output_shape(); }
    Backend& backend() override { return held.backend(); }
    eucv::random random() const override { return held.random(); }
    void random(const eucv::random& engine) override { held.random(engine); }

    model<Backend, Layer> held;
  };

  std::unique_ptr<base> held_;
};

} // namespace eucv::nn
