// Counts how often a prediction asks for memory once it has made a few. A program of its own: it replaces the operators
// new of the whole program.
#include <eucv/core/random.hpp>
#include <eucv/nn/host.hpp>
#include <eucv/nn/model.hpp>
#include <eucv/zoo/resnet.hpp>
#include <eucv/zoo/small.hpp>
#include <eucv/zoo/squeezenet.hpp>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> requests{0};

void* counted(std::size_t bytes) {
  ++requests;
  if (void* const memory = std::malloc(bytes != 0 ? bytes : 1)) return memory;
  throw std::bad_alloc();
}
void* counted(std::size_t bytes, std::align_val_t alignment) {
  ++requests;
  const auto step = static_cast<std::size_t>(alignment);
  if (void* const memory = std::aligned_alloc(step, (bytes + step - 1) / step * step)) return memory;
  throw std::bad_alloc();
}

} // namespace

void* operator new(std::size_t bytes) {
  return counted(bytes);
}
void* operator new[](std::size_t bytes) {
  return counted(bytes);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, alignment);
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, alignment);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace {

// Whether the tenth prediction asks for nothing, of the heap or of the system.
template <class Layer>
bool is_steady(const char* name, const Layer& layers, std::size_t batch) {
  using backend = eucv::nn::host<float>;
  eucv::thread_pool pool(2);
  eucv::random engine(1);
  eucv::nn::model net(layers, eucv::nn::shape{1, 3, 64, 64}, engine, backend(pool));
  auto images = net.backend().make({batch, 3, 64, 64}, eucv::nn::lifetime::model);
  net.backend().fill(images, 1);
  const auto predict = [&] { static_cast<void>(net.forward(images, eucv::nn::mode::eval)); };
  for (int i = 0; i < 9; ++i) predict();
  const std::size_t heap = requests, system = net.backend().memory().count().system_requests;
  predict();
  const std::size_t more_heap = requests - heap;
  const std::size_t more_system = net.backend().memory().count().system_requests - system;
  std::printf("%s, %zu at a time: %zu requests of the heap, %zu of the system\n", name, batch, more_heap, more_system);
  return heap != 0 && more_heap == 0 && more_system == 0;
}

} // namespace

int main() {
  bool steady = true;
  for (const std::size_t batch : {1U, 4U}) {
    steady = is_steady("resnet18", eucv::zoo::resnet18({.classes = 20}), batch) && steady;
    steady = is_steady("resnet50", eucv::zoo::resnet50({.classes = 20, .width = 16}), batch) && steady;
    steady = is_steady("squeezenet1_1", eucv::zoo::squeezenet1_1({.classes = 20}), batch) && steady;
    steady = is_steady("small", eucv::zoo::small({.classes = 20}), batch) && steady;
  }
  return steady ? 0 : 1;
}
