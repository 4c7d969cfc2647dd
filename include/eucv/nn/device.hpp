#pragma once

// EUCV_DEVICE marks functions that a kernel of a GPU may call. Under nvcc they are compiled for host and device;
// elsewhere the macro is empty.
#ifdef __CUDACC__
#define EUCV_DEVICE __host__ __device__
#else
#define EUCV_DEVICE
#endif
