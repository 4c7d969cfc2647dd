#pragma once

#include <eucv/core/parallel.hpp>
#include <eucv/nn/layer_concept.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::nn {

namespace detail {

/// A layer that can run some of its children: a sequence.
template <class Layer, class Backend>
concept splits = requires(const Layer& layer, const state_of<Layer, Backend>& state) {
  layer.constant_children(state, std::size_t{});
};

// What a model refuses: apart from it, or each network that is instantiated would bring these texts once more.
[[noreturn]] inline void refuse_backward() {
  throw error(errc::invalid_argument, {"run the network backwards", "its output", "no forward pass was recorded",
                                       "call forward() with mode::train before each backward()"});
}
[[noreturn]] inline void refuse_gradient(const shape& wanted, const shape& got) {
  throw error(errc::shape_mismatch,
              {"run the network backwards", "its output",
               "the result had the shape " + to_string(wanted) + ", but the gradient has " + to_string(got),
               "give the gradient of the loss with regard to the logits"});
}
[[noreturn]] inline void refuse_place(std::size_t at, std::size_t count) {
  throw error(errc::invalid_argument, {"look into the network", "place " + std::to_string(at),
                                       "it has " + std::to_string(count), "choose one of places()"});
}
[[noreturn]] inline void refuse_weights(const shape& wanted, const shape& got) {
  throw error(errc::shape_mismatch,
              {"look into the network", "its output",
               "the logits have the shape " + to_string(wanted) + ", but their weights " + to_string(got),
               "give a weight for each logit of each image"});
}
[[noreturn]] inline void refuse_empty(const shape& extents) {
  throw error(errc::shape_mismatch, {"build the network", "its input", "the shape " + to_string(extents) + " is empty",
                                     "give the shape of one picture"});
}
[[noreturn]] inline void refuse_images(const shape& wanted, const shape& got) {
  throw error(errc::shape_mismatch, {"run the network", "its input",
                                     "it takes " + to_string(wanted) + " for one image, but gets " + to_string(got),
                                     "resize the pictures, or build the network for this shape"});
}
[[noreturn]] inline void refuse_prefix(std::string_view tried, std::string_view prefix) {
  throw error(errc::not_found,
              {std::string(tried), std::string(prefix), "no parameter of the network has that name or lies below it",
               "name a layer as its parameters are named, such as \"layer1\""});
}

} // namespace detail

/// Whose gradients backward() computes.
enum class gradients { of_parameters, of_parameters_and_input };

/// Output and gradient at one place of a network, by model::look_into().
template <class Backend>
struct insight {
  tensor<Backend> output;   ///< of the place
  tensor<Backend> gradient; ///< of the chosen sum of logits with regard to it, of the same shape
  tensor<Backend> logits;
};

/// A network: a layer, mostly a sequence, with its weights on a backend.
///
/// Built once for pictures of one size: all shapes are inferred then, and what does not fit is refused. The number of
/// pictures may change from call to call. Move-only; not for two threads at a time.
///
/// A type that is no backend, a layer that lacks a member, and a backend that lacks what a layer needs are refused by a
/// static_assert that says what is missing.
template <class GivenBackend, class GivenLayer>
class model {
  using sound = detail::sound<GivenBackend, GivenLayer>;
  using Backend = typename sound::backend;
  using Layer = typename sound::layer;

public:
  using backend_type = Backend;
  using tensor_type = tensor<Backend>;
  using scalar = typename Backend::scalar;

  /// Builds `network` for inputs of shape {1, c, h, w} with initial weights drawn from `engine`. A backend is a handle;
  /// host<Scalar> converts from a thread_pool, which must outlive the model.
  ///
  /// Throws errc::shape_mismatch, which names the layer, its place and both shapes, and errc::invalid_argument for a
  /// hyper-parameter that makes no sense.
  model(GivenLayer network, const shape& input, eucv::random& engine, GivenBackend backend)
      : layer_(std::move(network)), backend_(std::move(backend)), input_(input.with_images(1)), output_(input_),
        built_(build(layer_, backend_, output_, engine)), random_(engine()) {}
  model(model&&) noexcept = default;
  model& operator=(model&&) noexcept = default;

  /// Logits, or whatever the last layer gives, for images {n, c, h, w} with any n.
  ///
  /// In mode::train the activations that backward() needs are kept until it is called; in mode::eval each is freed as
  /// soon as the next layer has read it. Throws errc::shape_mismatch where the pictures have another size.
  [[nodiscard]] tensor_type forward(tensor_type images, nn::mode how) {
    require_input(images);
    auto now = begin(how);
    record(how, images);
    return layer_.forward(built_.state, std::move(images), now);
  }

  /// Number of leading children of the outermost layer that are frozen and deterministic, so that their outputs may be
  /// kept from epoch to epoch. 0 where the outermost layer is no sequence.
  [[nodiscard]] std::size_t constant_children() const {
    if constexpr (detail::splits<Layer, Backend>) return layer_.constant_children(built_.state, first_learning());
    return 0;
  }
  /// Output of the first `children` children for images, in mode::eval.
  [[nodiscard]] tensor_type features(tensor_type images, std::size_t children) {
    auto now = begin(nn::mode::eval);
    if constexpr (detail::splits<Layer, Backend>)
      return layer_.forward(built_.state, std::move(images), now, range{0, children});
    return images;
  }
  /// forward() from features() on. backward() may follow while what made the features is frozen.
  [[nodiscard]] tensor_type forward_features(tensor_type features, nn::mode how, std::size_t children) {
    auto now = begin(how);
    record(how, features);
    if constexpr (detail::splits<Layer, Backend>)
      return layer_.forward(built_.state, std::move(features), now, range{children, std::size_t(-1)});
    return layer_.forward(built_.state, std::move(features), now);
  }

  /// Adds the gradients of all parameters that are not frozen, from the gradient of forward()'s last result.
  ///
  /// Returns the gradient of the input if differentiate() asked for it, else an empty tensor. Throws
  /// errc::invalid_argument unless a forward() in mode::train came just before, errc::shape_mismatch for a gradient of
  /// another shape than the result had.
  tensor_type backward(tensor_type gradient) {
    if (!std::exchange(recorded_, false)) detail::refuse_backward();
    if (!gradient || gradient.shape != output_.with_images(batch_))
      detail::refuse_gradient(output_.with_images(batch_), gradient.shape);
    auto now = begin(nn::mode::train);
    if (now.first_wanted >= static_cast<std::ptrdiff_t>(built_.parameters.size())) return {};
    return layer_.backward(built_.state, std::move(gradient), now);
  }

  /// The places that can be looked into, in the order in which forward() comes by. Several may have one name, as a
  /// container and its last child whose name is empty: the last of them is the whole.
  [[nodiscard]] std::span<const output_place> places() const noexcept { return built_.places; }
  /// Looks at place number `at` of places() for images {n, c, h, w}, and at the gradient with regard to it of the sum
  /// of all logits times `weights`, of the logits' shape: ones at one class of each image tell what speaks for that
  /// class.
  ///
  /// Runs in mode::eval, whatever is frozen, and leaves weights, gradients, statistics and random state untouched; what
  /// a forward() in mode::train kept is gone. Throws errc::shape_mismatch, invalid_argument for a place that is none.
  [[nodiscard]] insight<Backend> look_into(tensor_type images, std::size_t at, tensor_type weights) {
    require_input(images);
    if (at >= built_.places.size()) detail::refuse_place(at, built_.places.size());
    if (!weights || weights.shape != output_.with_images(images.shape.n))
      detail::refuse_weights(output_.with_images(images.shape.n), weights.shape);
    recorded_ = false;
    probe<Backend> seen{at, {}, {}};
    auto now = begin(nn::mode::eval);
    now.probe = &seen;
    // Gradients are wanted no further than what stands before the end of the place.
    now.first_wanted = static_cast<std::ptrdiff_t>(built_.places[at].parameters) - 1;
    auto logits = layer_.forward(built_.state, std::move(images), now);
    layer_.backward(built_.state, std::move(weights), now);
    return {std::move(seen.output), std::move(seen.gradient), std::move(logits)};
  }

  /// All parameters in the order in which the input meets them. Values may be changed through Backend::assign().
  [[nodiscard]] std::span<parameter<Backend>> parameters() noexcept { return built_.parameters; }
  [[nodiscard]] std::span<const parameter<Backend>> parameters() const noexcept { return built_.parameters; }
  /// All buffers (running statistics), in the same order.
  [[nodiscard]] std::span<buffer<Backend>> buffers() noexcept { return built_.buffers; }
  [[nodiscard]] std::span<const buffer<Backend>> buffers() const noexcept { return built_.buffers; }

  /// Empties all gradients, which gives their memory back; the next backward() begins with sums of zero.
  void zero_gradients() noexcept {
    for (auto& each : built_.parameters) each.gradient = {};
  }

  /// Freezes what is called `prefix`, or lies below it ("layer1" freezes "layer1.0.conv1.weight"), and returns how many
  /// parameters that are. A frozen parameter gets no gradient; a batch normalisation whose parameters are frozen uses
  /// its running statistics and leaves them as they are; nothing is propagated to where all is frozen.
  /// Throws errc::not_found where nothing has that name.
  std::size_t freeze(std::string_view prefix) { return mark(prefix, true); }
  std::size_t unfreeze(std::string_view prefix) { return mark(prefix, false); }
  /// Freezes the first `count` blocks (blocks_of()), such as "conv1", "bn1", "layer1". Returns the number of parameters
  /// frozen.
  std::size_t freeze_first(std::size_t count) {
    auto& all = built_.parameters;
    std::size_t frozen = 0;
    for (; frozen < all.size(); ++frozen) {
      const bool begins_block = frozen == 0 || all[frozen].block != all[frozen - 1].block;
      if (begins_block && count-- == 0) break;
      all[frozen].frozen = true;
    }
    return frozen;
  }

  /// Asks backward() for the gradient of the input as well, or no longer. Counts from the next forward() on.
  void differentiate(gradients wanted) noexcept { wanted_ = wanted; }

  [[nodiscard]] const shape& input_shape() const noexcept { return input_; }   ///< for one image
  [[nodiscard]] const shape& output_shape() const noexcept { return output_; } ///< for one image
  [[nodiscard]] Backend& backend() noexcept { return backend_; }
  [[nodiscard]] const Layer& layer() const noexcept { return layer_; }

  /// The engine behind dropout: save it and set it again to go on exactly where a run was broken off.
  [[nodiscard]] const eucv::random& random() const noexcept { return random_; }
  void random(const eucv::random& engine) noexcept { random_ = engine; }

private:
  struct built {
    state_of<Layer, Backend> state;
    std::vector<parameter<Backend>> parameters;
    std::vector<buffer<Backend>> buffers;
    std::vector<output_place> places;
  };

  static built build(const Layer& network, Backend& backend, shape& extents, eucv::random& engine) {
    if (extents.size() == 0) detail::refuse_empty(extents);
    builder<Backend> site(backend, engine);
    auto state = network.build(site, extents);
    return {std::move(state), std::move(site.parameters()), std::move(site.buffers()), std::move(site.places())};
  }

  void require_input(const tensor_type& images) const {
    if (!images || images.shape.with_images(1) != input_ || images.shape.n == 0)
      detail::refuse_images(input_, images.shape);
  }

  void record(nn::mode how, const tensor_type& input) {
    recorded_ = how == nn::mode::train;
    batch_ = input.shape.n;
  }
  [[nodiscard]] std::size_t first_learning() const {
    const auto& all = built_.parameters;
    const auto first = std::find_if(all.begin(), all.end(), [](const auto& each) { return !each.frozen; });
    return static_cast<std::size_t>(first - all.begin());
  }

  pass<Backend> begin(nn::mode how) {
    const std::ptrdiff_t first =
        wanted_ == gradients::of_parameters ? static_cast<std::ptrdiff_t>(first_learning()) : -1;
    return {backend_, built_.parameters, built_.buffers, how, random_, first};
  }

  std::size_t mark(std::string_view prefix, bool frozen) {
    std::size_t marked = 0;
    for (auto& each : built_.parameters)
      if (each.name == prefix || each.name.starts_with(std::string(prefix) + '.')) {
        each.frozen = frozen;
        ++marked;
      }
    if (marked == 0) detail::refuse_prefix(frozen ? "freeze" : "unfreeze", prefix);
    return marked;
  }

  Layer layer_;
  Backend backend_;
  shape input_, output_;
  built built_;
  eucv::random random_;
  gradients wanted_ = gradients::of_parameters;
  bool recorded_ = false;
  std::size_t batch_ = 0;
};

} // namespace eucv::nn
