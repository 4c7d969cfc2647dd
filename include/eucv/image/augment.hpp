#pragma once

#include <eucv/core/options.hpp>
#include <eucv/core/random.hpp>
#include <eucv/image/augmentation/colour.hpp>
#include <eucv/image/augmentation/crop.hpp>
#include <eucv/image/augmentation/erase.hpp>
#include <eucv/image/augmentation/flip.hpp>
#include <eucv/image/augmentation/grey.hpp>
#include <eucv/image/augmentation/shift.hpp>
#include <eucv/image/bitmap.hpp>
#include <eucv/image/resize.hpp>

#include <cstddef>

namespace eucv::image {

/// One kind of random variation: an option struct that changes a picture. It draws all that is random from `engine`;
/// one that is off by default draws nothing then, so that adding it leaves the pictures of a seed as they were.
template <class T>
concept augmentation_step = option_struct<T> && requires(const T& step, bitmap& picture, random& engine) {
  step.apply(picture, engine);
};

/// Random variations, applied one after another. Their options are members: `how.flip = 0`.
template <augmentation_step... Steps>
struct augmentation_steps : Steps... {
  static constexpr auto fields() { return field_list(Steps::fields()...); }
  void apply(bitmap& picture, random& engine) const { (Steps::apply(picture, engine), ...); }
};

/// The registry of variations, in the order in which they are applied behind the crop. A new one is an option struct
/// in a file of its own that models augmentation_step, and one more name here.
using all_augmentation_steps =
    augmentation_steps<random_shift, random_flip, colour_jitter, random_grey, random_erasing>;

/// How training pictures are varied (data augmentation), so that a network learns what matters and not position or
/// lighting. The defaults suit a few thousand photographs.
struct augmentation : random_crop, all_augmentation_steps {
  std::size_t size = 128; ///< rows and columns of the result

  /// Those of all variations. `size` is none of them: it is the network's.
  static constexpr auto fields() { return field_list(random_crop::fields(), all_augmentation_steps::fields()); }
};

/// A random variation of a picture, `size` x `size`: cropped, resized, then changed by each of the registered steps.
/// All that is random comes from `engine`: the same engine state gives the same picture. Throws errc::invalid_argument
/// for an empty picture or values out of range. Thread safe with an engine for each thread.
[[nodiscard]] inline bitmap augment(const bitmap& picture, const augmentation& how, random& engine) {
  check_options(how, "augment a picture");
  detail::check_sizes(picture, how.size, how.size);
  bitmap made = resize(crop(picture, how.draw(picture, engine)), how.size, how.size);
  how.apply(made, engine);
  return made;
}

} // namespace eucv::image
