#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/random.hpp>
#include <eucv/nn/backend.hpp>
#include <eucv/nn/detail/name_path.hpp>
#include <eucv/nn/elementwise.hpp>
#include <eucv/nn/needs.hpp>
#include <eucv/nn/parameter.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::nn {

// The protocol of a layer. A layer is a value that holds hyper-parameters and no weights:
//
//     struct scale {
//       double factor = 1;
//       template <class Backend> struct state {};                        // what one place in a network keeps
//       template <class Backend> state<Backend> build(builder<Backend>&, shape& extents) const;
//       template <class Backend> tensor<Backend> forward(state<Backend>&, tensor<Backend> x, pass<Backend>&) const;
//       template <class Backend> tensor<Backend> backward(state<Backend>&, tensor<Backend> dy, pass<Backend>&) const;
//     };
//
// build() registers parameters and buffers, and turns the shape of one image of the input into that of the output.
// forward() keeps in the state what backward() needs, but only where pass.records(state.place) says so; backward()
// adds to the gradients of its own parameters, gives back what forward() kept, and returns the gradient of its input,
// or an empty tensor where pass.propagates(state.place) is false. state.place is what builder.finish() returned. A
// layer that uses pass.random says so in build(), by builder.mark_stochastic(). A layer that calls primitives beyond
// memory and maps names them as its type `needs` (needs.hpp); one that holds others lists their types as its type
// `child_layers`, so that what is missing in one of them is found when the model is built (layer_concept.hpp).
//
// Two more members let layers work as one where a pass only predicts. A sequence collects what a batch normalisation
// and a rectifier do in an epilogue, and hands that to the convolution or residual block before them:
//
//     bool join(state<Backend>&, epilogue<Backend>&, pass<Backend>&) const; // adds what this layer does, if it can
//     tensor<Backend> forward(state<Backend>&, tensor<Backend> x, pass<Backend>&, epilogue<Backend>) const;

/// Whether a forward pass learns (batch statistics, dropout, activations kept) or predicts (nothing kept).
enum class mode { train, eval };

/// The types of the layers that a layer holds.
template <class... Layers>
struct layer_list {};

/// Where a layer stands: its full name, and the range of its parameters among those of the network.
struct place {
  std::string name;
  std::size_t first = 0, last = 0;
};

/// A place where a network can be looked into: the output of a child of a container.
struct output_place {
  std::string name;           ///< of the layer, as its parameters begin: "layer1.0.conv1"
  shape extents;              ///< of the output for one image
  std::size_t parameters = 0; ///< parameters of the network that stand before the end of the layer
};

/// Output and gradient of one such place, recorded during a pass. A pass that has a probe keeps activations in
/// mode::eval too, so that it may go back, and gives no parameter a gradient.
template <class Backend>
struct probe {
  std::size_t place = 0;            ///< its number
  tensor<Backend> output, gradient; ///< of that place
};

/// Collects parameters and buffers while a network is built, and knows the place that is being built.
template <class Backend>
class builder {
public:
  using scalar = typename Backend::scalar;

  builder(Backend& backend, eucv::random& engine) : backend_(&backend), random_(&engine) {}

  /// Goes into a child of that name until the returned object dies; an empty name adds no level.
  detail::name_path::scope enter(std::string_view name) { return {path_, name}; }

  /// Registers a parameter of the layer at hand and returns its number. `values` in PyTorch's order.
  std::size_t add_parameter(std::string_view name, std::vector<std::size_t> dims, std::span<const scalar> values) {
    parameters_.push_back({path_.full(name), dims, make(dims, values), {}, false, 1, path_.block()});
    return parameters_.size() - 1;
  }
  /// The same for a buffer.
  std::size_t add_buffer(std::string_view name, std::vector<std::size_t> dims, std::span<const scalar> values) {
    buffers_.push_back({path_.full(name), dims, make(dims, values), path_.block()});
    return buffers_.size() - 1;
  }

  /// The place of a layer: start() before its parameters and children, finish() after them.
  [[nodiscard]] place start() const { return {path_.text(), parameters_.size(), parameters_.size()}; }
  [[nodiscard]] place finish(place begun) const {
    begun.last = parameters_.size();
    return begun;
  }

  /// Registers the output of the child at hand as a place to look at, and returns its number.
  std::size_t add_place(const shape& extents) {
    places_.push_back({path_.text(), extents.with_images(1), parameters_.size()});
    return places_.size() - 1;
  }

  /// Tells that the layer at hand is stochastic in mode::train: it gives different outputs for equal inputs, so that
  /// outputs of what holds it are never kept from epoch to epoch.
  void mark_stochastic() noexcept { ++stochastic_layers_; }
  /// How many layers have said so up to now.
  [[nodiscard]] std::size_t stochastic_layers() const noexcept { return stochastic_layers_; }

  /// Throws errc::shape_mismatch: `layer` at this place takes `wanted`, but gets `got`.
  [[noreturn]] void refuse_shape(std::string_view layer, const std::string& wanted, const shape& got) const {
    throw error(errc::shape_mismatch, {"build the network", here(layer),
                                       "it takes " + wanted + ", but gets " + to_string(got) + " for one image",
                                       "change the layer or what stands before it, or give larger pictures"});
  }
  /// Throws errc::invalid_argument unless `valid`: `why` says what is wrong with a hyper-parameter.
  void require(bool valid, std::string_view layer, const std::string& why) const {
    if (!valid)
      throw error(errc::invalid_argument, {"build the network", here(layer), why, "change that field of the layer"});
  }

  [[nodiscard]] eucv::random& random() noexcept { return *random_; }
  [[nodiscard]] std::vector<parameter<Backend>>& parameters() noexcept { return parameters_; }
  [[nodiscard]] std::vector<buffer<Backend>>& buffers() noexcept { return buffers_; }
  [[nodiscard]] std::vector<output_place>& places() noexcept { return places_; }

private:
  [[nodiscard]] std::string here(std::string_view layer) const {
    return path_.text().empty() ? std::string(layer) : std::string(layer) + " at " + path_.text();
  }
  tensor<Backend> make(const std::vector<std::size_t>& dims, std::span<const scalar> values) {
    auto made = backend_->make(shape_of(dims), lifetime::model);
    backend_->assign(made, values, order::channels_first);
    return made;
  }

  Backend* backend_;
  eucv::random* random_;
  detail::name_path path_;
  std::vector<parameter<Backend>> parameters_;
  std::vector<buffer<Backend>> buffers_;
  std::vector<output_place> places_;
  std::size_t stochastic_layers_ = 0;
};

/// What a layer sees during one forward or backward pass.
template <class Backend>
struct pass {
  Backend& backend;
  std::span<parameter<Backend>> parameters;
  std::span<buffer<Backend>> buffers;
  nn::mode mode;
  eucv::random& random; ///< what is random in the network (dropout); the state is the model's
  /// Gradients are wanted from the parameter of this number on; -1 wants that of the network's input as well.
  std::ptrdiff_t first_wanted = 0;
  nn::probe<Backend>* probe = nullptr; ///< of model::look_into(), or none

  /// Whether nothing but the last result counts, so that layers may work as one.
  [[nodiscard]] bool only_predicts() const noexcept { return mode == nn::mode::eval && probe == nullptr; }
  /// Whether backward() will come by here, so that forward() has to keep what it needs.
  [[nodiscard]] bool records(const place& at) const noexcept {
    return (mode == nn::mode::train || probe != nullptr) && first_wanted < static_cast<std::ptrdiff_t>(at.last);
  }
  /// Whether anything before this place wants a gradient.
  [[nodiscard]] bool propagates(const place& at) const noexcept {
    return first_wanted < static_cast<std::ptrdiff_t>(at.first);
  }
  [[nodiscard]] const tensor<Backend>& value(std::size_t number) const { return parameters[number].value; }
  [[nodiscard]] bool frozen(std::size_t number) const { return probe != nullptr || parameters[number].frozen; }
  /// Shows the probe what place `number` gave, and on the way back the gradient with regard to it.
  void show_output(std::size_t number, const tensor<Backend>& y) const {
    if (probe != nullptr && probe->place == number) probe->output = y;
  }
  void show_gradient(std::size_t number, const tensor<Backend>& dy) const {
    if (probe != nullptr && probe->place == number) probe->gradient = dy;
  }
  /// Adds to the gradient of a parameter.
  void add_gradient(std::size_t number, tensor<Backend> gradient) {
    auto& sum = parameters[number].gradient;
    if (sum)
      backend.map(elementwise::add{}, sum, std::as_const(gradient));
    else
      sum = std::move(gradient);
  }
};

/// What a layer keeps at one place of a network on one backend.
template <class Layer, class Backend>
using state_of = typename Layer::template state<Backend>;

namespace detail {

// The steps of an epilogue one after another.
template <class Backend>
tensor<Backend> finish(Backend& backend, tensor<Backend> y, const epilogue<Backend>& after) {
  // Only layers that need these primitives put a scale or a shift into an epilogue.
  if constexpr (has_normalisation<Backend>)
    if (after.scale) y = backend.affine(std::move(y), after.scale, after.shift);
  if constexpr (has_channel_sums<Backend>)
    if (after.shift && !after.scale) y = backend.add_to_channels(std::move(y), after.shift);
  if (!after.addend && !after.rectified) return y;
  y = own(backend, std::move(y));
  if (after.addend && after.rectified)
    backend.map(elementwise::add_and_rectify{}, y, after.addend);
  else if (after.addend)
    backend.map(elementwise::add{}, y, after.addend);
  else
    backend.map(elementwise::rectify{}, y);
  return y;
}

template <class Layer, class Backend>
concept takes_epilogue = requires(const Layer& layer, state_of<Layer, Backend>& state, tensor<Backend> x,
                                  pass<Backend>& now, epilogue<Backend> after) {
  layer.forward(state, x, now, after);
};

// A layer and what follows it, as one where the layer can.
template <class Layer, class Backend>
tensor<Backend> forward_then(const Layer& layer, state_of<Layer, Backend>& own, tensor<Backend> x, pass<Backend>& now,
                             epilogue<Backend> after) {
  if constexpr (takes_epilogue<Layer, Backend>)
    return layer.forward(own, std::move(x), now, std::move(after));
  else
    return finish(now.backend, layer.forward(own, std::move(x), now), after);
}

} // namespace detail

} // namespace eucv::nn
