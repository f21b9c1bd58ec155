#pragma once
namespace dragoman {}
