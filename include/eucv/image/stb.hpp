#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/result.hpp>
#include <eucv/image/bitmap.hpp>
#include <eucv/image/header.hpp>

#include <string_view>

namespace eucv::image {

/// The decoder on stb_image, which reads JPEG and PNG: what the bare single header uses. Other formats it leaves to
/// their own libraries. A model of the concept `decoder`, without state; thread safe.
///
/// stb_image itself inflates a PNG without bound and asserts on broken files. So it gets its memory from a heap with a
/// limit that follows from the header, and an assertion becomes corrupt_image. Unlike turbo it notices neither JPEG
/// data that is damaged but not cut off nor wrong check sums of a PNG.
struct stb {
  static constexpr std::string_view name = "stb";

  /// Decodes what inspect() let through, always at full size. Refused: corrupt_image, out_of_budget.
  result<bitmap> operator()(std::string_view bytes, const header& found, const decode_options& options) const;
};

namespace detail {

/// Decode a JPEG, a PNG by stb_image.
[[nodiscard]] result<bitmap> stb_jpeg(std::string_view bytes, const header& found, const decode_options& options);
[[nodiscard]] result<bitmap> stb_png(std::string_view bytes, const header& found, const decode_options& options);

} // namespace detail
} // namespace eucv::image

#ifdef EUCV_IMPLEMENTATION_IMAGE
#include <eucv/image/detail/blend.hpp>
#include <eucv/image/formats.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <utility>

namespace eucv::image::detail {

// What ends a decoding inside stb_image: thrown through it, since nothing in it must be undone but memory.
struct stb_failure {
  errc code;
  const char* why;
};

// The memory of one decoding: counts against a limit, and frees at its end whatever is left.
class stb_heap {
public:
  explicit stb_heap(std::size_t limit) : limit_(limit) { current() = this; }
  stb_heap(const stb_heap&) = delete;
  stb_heap& operator=(const stb_heap&) = delete;
  ~stb_heap() {
    current() = nullptr;
    while (first_ != nullptr) std::free(std::exchange(first_, first_->next));
  }

  // The heap of the decoding that this thread is in.
  static stb_heap*& current() noexcept {
    static thread_local stb_heap* heap = nullptr;
    return heap;
  }

  void* allocate(std::size_t size) {
    if (size > limit_ - used_)
      throw stb_failure{errc::out_of_budget, "it needs more memory than its header allows for"};
    auto* block = static_cast<link*>(std::calloc(1, sizeof(link) + size)); // stb_image may read what it never wrote
    if (block == nullptr) throw stb_failure{errc::out_of_budget, "no memory is left"};
    new (block) link{nullptr, first_, size};
    if (first_ != nullptr) first_->previous = block;
    first_ = block;
    used_ += size;
    return block + 1;
  }

  void release(void* memory) noexcept {
    if (memory == nullptr) return;
    link* block = static_cast<link*>(memory) - 1;
    (block->previous != nullptr ? block->previous->next : first_) = block->next;
    if (block->next != nullptr) block->next->previous = block->previous;
    used_ -= block->size;
    std::free(block);
  }

  void* reallocate(void* memory, std::size_t size) {
    void* moved = allocate(size);
    if (memory != nullptr) {
      std::memcpy(moved, memory, std::min(size, (static_cast<link*>(memory) - 1)->size));
      release(memory);
    }
    return moved;
  }

private:
  struct alignas(alignof(std::max_align_t)) link {
    link *previous, *next;
    std::size_t size;
  };

  std::size_t limit_, used_ = 0;
  link* first_ = nullptr;
};

} // namespace eucv::image::detail

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_MAX_DIMENSIONS (1 << 24)
#define STBI_MALLOC(size) ::eucv::image::detail::stb_heap::current()->allocate(size)
#define STBI_REALLOC(memory, size) ::eucv::image::detail::stb_heap::current()->reallocate(memory, size)
#define STBI_FREE(memory) ::eucv::image::detail::stb_heap::current()->release(memory)
#define STBI_ASSERT(condition)                                                                                         \
  ((condition) ? void(0)                                                                                               \
               : throw ::eucv::image::detail::stb_failure{::eucv::errc::corrupt_image, "it contradicts itself"})
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#include <stb_image.h>
#pragma GCC diagnostic pop
#undef STBI_MALLOC
#undef STBI_REALLOC
#undef STBI_FREE
#undef STBI_ASSERT

namespace eucv::image {
namespace detail {

// Decodes to `channels`, 3 or 4, with at most so many bytes of memory.
static result<bitmap> stb_decode(std::string_view bytes, int channels, std::size_t memory) {
  if (bytes.size() > std::numeric_limits<int>::max()) return refusal(errc::too_large, "stb_image reads 2 GiB at most");
  stb_heap heap(memory);
  try {
    int width = 0, height = 0, stored = 0;
    const stbi_uc* pixels = stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(bytes.data()),
                                                  static_cast<int>(bytes.size()), &width, &height, &stored, channels);
    if (pixels == nullptr) return refusal(errc::corrupt_image, std::string(stbi_failure_reason()));
    bitmap picture = black(static_cast<std::size_t>(width), static_cast<std::size_t>(height));
    if (channels == 4)
      blend_on_white(pixels, picture.width * picture.height, picture.rgb.data());
    else
      std::copy_n(pixels, picture.rgb.size(), picture.rgb.data());
    return picture;
  } catch (const stb_failure& failure) {
    return refusal(failure.code, failure.why);
  }
}

result<bitmap> stb_jpeg(std::string_view bytes, const header&, const decode_options& options) {
  return stb_decode(bytes, 3, options.limits.memory);
}

// Its allowance is the most that stb_image honestly needs: the compressed data, whose buffer doubles as it grows; the
// inflated rows, the same with the copy that growing takes; and the pixels before and after each step to RGBA.
result<bitmap> stb_png(std::string_view bytes, const header& found, const decode_options& options) {
  const std::size_t sample = found.depth == 16 ? 2 : 1;
  const std::size_t rows = found.height * (found.width * found.components * sample + 2);
  const std::size_t pixels = found.width * found.height * 4 * sample;
  return stb_decode(bytes, 4, std::min(options.limits.memory, 3 * bytes.size() + 3 * rows + 3 * pixels + 65536));
}

} // namespace detail

result<bitmap> stb::operator()(std::string_view bytes, const header& found, const decode_options& options) const {
  return (found.kind->stb != nullptr ? found.kind->stb : found.kind->decode)(bytes, found, options);
}

} // namespace eucv::image
#endif
